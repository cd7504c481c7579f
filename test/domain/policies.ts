/** Policies for tests, told in few words. */
import type { Conditions } from '../../src/domain/conditions.ts';
import { parsePolicy, type Policy } from '../../src/domain/policy.ts';

/** Conditions that ask for nothing. */
export const FREE: Conditions = {
  amount: null,
  overdue: null,
  age: null,
  overdueCount: null,
  score: null,
  flags: [],
  segment: [],
};

/** One line for each step: "friendly: 3 days after due, call, when: { age: { below: 9 } }"; an email unless told. */
export function policyOf(steps: readonly string[], rest = ''): Policy {
  return parsePolicy(policyText(steps, rest));
}

export function policyText(steps: readonly string[], rest = ''): string {
  const lines = steps.map((line) => {
    const match = /^([a-z0-9-]+): ([^,]+)(?:, ([a-z_]+))?(?:, (.*))?$/.exec(line);
    if (match === null) throw new Error(`not a step: ${line}`);
    const [, key = '', at = '', channel = 'email', more = ''] = match;
    const template = channel === 'email' ? ', template: overdue-friendly' : '';
    return `  - { key: ${key}, name: ${key}, at: ${at}, channel: ${channel}${template}${more === '' ? '' : `, ${more}`} }`;
  });
  return `name: Test\n${rest === '' ? '' : `${rest}\n`}steps:\n${lines.join('\n')}\n`;
}
