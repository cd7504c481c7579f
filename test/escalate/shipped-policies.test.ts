import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lintTemplates } from '../../src/act/template-facts.ts';
import { lintPolicy } from '../../src/domain/policy-lint.ts';
import { shippedPolicies } from '../../src/escalate/default-policy.ts';
import { DEFAULT_POLICY_NAME } from '../../src/store/policies.ts';

describe('the policies that come with Duebook', () => {
  const folder = 'src/escalate/policies';
  const files = readdirSync(folder).map((file) => `${folder}/${file}`);
  test.each(['src/escalate/default-policy.yaml', ...files])('%s lints clean', (file) => {
    const text = readFileSync(file, 'utf8');
    for (const country of [null, 'AU', 'NO', 'GB']) {
      expect(lintPolicy(text, { templates: lintTemplates(), country })).toEqual([]);
    }
  });

  test('the default comes first, and no two share a name', async () => {
    const names = (await shippedPolicies()).map(({ name }) => name);
    expect(names).toEqual([DEFAULT_POLICY_NAME, 'Habitually late', 'Key accounts', 'Month-end']);
  });
});
