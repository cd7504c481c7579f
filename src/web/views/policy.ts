/** The policy a book goes by, with what the lint says of it. */
import { parseDay } from '../../domain/day.ts';
import { plural } from '../../domain/text.ts';
import type { InForce } from '../../escalate/policy-library.ts';

export function policyView(policy: InForce) {
  const { findings, exceptions, source } = policy;
  return {
    ...policy,
    effectiveOn: parseDay(policy.effectiveOn),
    isOfBook: source === 'book',
    others: exceptions === 0 ? null : plural(exceptions, 'exception'),
    sentence:
      findings.length === 0
        ? 'Nothing in it needs mending.'
        : `${plural(findings.length, 'finding')}: each says what would mend it.`,
  };
}
