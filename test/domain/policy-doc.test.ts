/** docs/policy.md is what people write policies by: it names every key, and its examples are policies. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CHANNELS, MODES, PolicyText, SENDERS } from '../../src/domain/policy-schema.ts';
import { parsePolicy } from '../../src/domain/policy.ts';
import { ANCHORS } from '../../src/domain/step-moment.ts';

const page = readFileSync('docs/policy.md', 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
const everything = examples.at(-1) ?? '';

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** Every key a policy may have, at whatever depth. */
function keysOf({ properties = {}, items }: Schema): string[] {
  const own = Object.entries(properties).flatMap(([key, value]) => [key, ...keysOf(value)]);
  return [...own, ...(items === undefined ? [] : keysOf(items))];
}

const schema = z.toJSONSchema(PolicyText, { io: 'input', unrepresentable: 'any' }) as Schema;
const keys = [...new Set(keysOf(schema))].sort();

test('every key of the schema is named, and stands in the example', () => {
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !isNamed(key))).toEqual([]);
  expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(everything))).toEqual([]);
});

/** By itself, or in the example of the group it belongs to. */
function isNamed(key: string): boolean {
  return new RegExp(`\`[^\`\n]*\\b${key}\\b[^\`\n]*\``).test(page);
}

test('every word that may stand for a channel, a sender, a mode or a moment is named', () => {
  for (const word of [...CHANNELS, ...SENDERS, ...MODES]) expect(page).toContain(`\`${word}\``);
  for (const anchor of ANCHORS) expect(page).toContain(anchor);
});

test('its examples are policies, and the shortest says what its tables say is left out', () => {
  for (const text of examples) parsePolicy(text);
  const shortest = parsePolicy(examples[0] ?? '');
  expect(shortest).toMatchObject({
    mode: 'automatic',
    missed: 'in_order',
    graceDays: 0,
    spacing: { customerDays: 3, stepDays: 5 },
    budgets: {
      messagesPer7Days: 2,
      contactsPer7Days: 3,
      personPer7Days: 3,
      callsPer7Days: 2,
      lettersPer7Days: 2,
      volumeBreaker: 3,
    },
    unappliedCreditHoldShare: 0.5,
    onPromise: { graceDays: 2 },
    onBrokenPromise: { then: 'at_once' },
    onDispute: { chaseRest: true, then: 'in_time' },
    onPlan: { graceDays: 3, then: 'in_time' },
    onReply: { pauseDays: 5 },
  });
});
