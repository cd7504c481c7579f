import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letterPacks, readPacks } from '../../src/act/letter-packs.ts';
import type { LetterKind, LetterWords } from '../../src/domain/letter.ts';

const WORDS: LetterWords = {
  businessName: 'Harbour Joinery',
  customerName: 'Kauri & Sons',
  amountDue: 'EUR 1,300.00',
  deadline: '15 June 2026',
  isSingle: false,
  invoices: '2 invoices',
  number: 'INV-7',
  dueOn: '1 May 2026',
  oldest: '31 days',
  handsOver: false,
};

const COUNTRIES = ['GB', 'IE', 'NL', 'DE', 'FR', 'NO', 'US', 'CA', 'AU', 'NZ', 'ZZ'];
const CASES = COUNTRIES.flatMap((country) =>
  (['formal', 'final'] satisfies LetterKind[]).flatMap((kind) =>
    [false, true].flatMap((isIndividual) =>
      [true, false].flatMap((isSingle) =>
        [true, false].map((handsOver) => ({ country, kind, isIndividual, isSingle, handsOver })),
      ),
    ),
  ),
);

// What a letter of a creditor must not do: sell, press, frighten, or pretend to be somebody else.
const BANNED =
  /\b(offer|discount|sale|newsletter|new product|upgrade|urgent|immediately|last chance|act now|department|credit (bureau|rating|score)|blacklist|default listing|bailiff|criminal|police|prosecut\w*|seiz\w*|fraud|must pay|shame)\b/i;

describe.each(CASES)(
  '$country $kind individual=$isIndividual single=$isSingle handsOver=$handsOver',
  (entry) => {
    const { country, kind, isIndividual, isSingle, handsOver } = entry;
    const wording = letterPacks().wordingFor(country, kind, isIndividual);
    const texts = wording.render({ ...WORDS, isSingle, handsOver });
    const all = [texts.subject, ...texts.before, ...texts.after, texts.law ?? ''].join('\n');

    test('says who is asked for how much and by when, with nothing missing', () => {
      expect(all).not.toMatch(/undefined|null|NaN|\{\{|\}\}| {2}| [,.;]/);
      expect(texts.subject).toContain('EUR 1,300.00');
      expect(texts.before.join(' ')).toContain('EUR 1,300.00');
      expect(texts.before.join(' ')).toContain('15 June 2026');
      expect(texts.before.join(' ')).toContain(isSingle ? 'INV-7' : '2 invoices');
      expect(texts.after.length).toBeGreaterThan(0);
    });

    test('sells, presses and frightens nobody', () => {
      expect(all).not.toMatch(BANNED);
    });

    test('announces what is decided, and only what is decided', () => {
      const follows = /agency|collection|lawyer|solicitor|attorney|court/;
      const after = texts.after.join(' ');
      if (kind === 'formal') expect(after).not.toMatch(follows);
      else if (wording.minimumDays === 30) expect(after).not.toMatch(/intend|will hand/);
      else if (handsOver) expect(after).toMatch(/we intend to (hand|refer)/);
      else {
        expect(after).toMatch(/we may (hand|refer)/);
        expect(after).toMatch(/(None of this|This) is (decided yet|not decided yet)/);
      }
    });

    test('invites an answer on what is disputed', () => {
      expect(texts.after.join(' ')).toMatch(/If you (dispute|object)/);
    });
  },
);

test('each country has its own pack, and every other one the default', () => {
  const names = COUNTRIES.map((country) => letterPacks().wordingFor(country, 'formal', false).pack);
  expect(names).toEqual(['gb', 'eu', 'eu', 'de', 'fr', 'no', 'us', 'ca', 'au', 'nz', 'default']);
  expect(letterPacks().names()).toEqual([
    'au',
    'ca',
    'de',
    'default',
    'eu',
    'fr',
    'gb',
    'no',
    'nz',
    'us',
  ]);
});

test.each([
  ['NO', 'formal', false, 14],
  ['NO', 'final', false, 14],
  ['GB', 'final', false, 14],
  ['GB', 'final', true, 30],
  ['GB', 'formal', true, 14],
  ['US', 'formal', false, 10],
] as const)('%s %s individual=%s gives %i days at least', (country, kind, isIndividual, days) => {
  expect(letterPacks().wordingFor(country, kind, isIndividual).minimumDays).toBe(days);
});

test('the facts of the law stand where they apply', () => {
  const law = (country: string) =>
    letterPacks().wordingFor(country, 'final', false).render(WORDS).law ?? '';
  expect(law('GB')).toContain('Late Payment of Commercial Debts (Interest) Act 1998');
  expect(law('DE')).toMatch(/§ 286 BGB.*nine percentage points.*40 euro/);
  expect(law('FR')).toMatch(/L441-10.*ten percentage points.*40 euro/);
  expect(law('NL')).toMatch(/2011\/7\/EU.*eight percentage points.*40 euro/);
  expect(law('US')).toContain('This letter is from Harbour Joinery, to whom the account is owed');
  expect(law('ZZ')).toBe('');
  const individual = letterPacks().wordingFor('GB', 'final', true).render(WORDS);
  expect(individual.after.join(' ')).toContain('Pre-Action Protocol for Debt Claims');
  const notice = letterPacks().wordingFor('NO', 'final', false).render(WORDS);
  expect(notice.before.join(' ')).toContain('section 9 of the Debt Collection Act (inkassoloven)');
});

test('every pack names its sources', () => {
  for (const file of readdirSync('templates/letters')) {
    const text = readFileSync(path.join('templates/letters', file), 'utf8');
    expect([file, text.startsWith('#')]).toEqual([file, true]);
  }
});

describe('a pack that is wrong is refused with its file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'duebook-letters-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const GOOD = 'countries: []\nminimumDays: { formal: 14, final: 14 }\n';
  const wording = (text: string) => `  subject: s\n  before: '${text}'\n  after: a\n`;
  const both = `formal:\n${wording('x')}final:\n${wording('x')}`;
  function reading(text: string) {
    writeFileSync(path.join(folder, 'default.yaml'), text);
    return () => readPacks(folder);
  }

  test.each([
    ['no days', `countries: []\n${both}`, 'minimumDays'],
    ['days of zero', `${GOOD.replace('14', '0')}${both}`, 'letters/default.yaml line 2'],
    ['an unknown key', `${GOOD}tone: harsh\n${both}`, 'letters/default.yaml line 3'],
    [
      'an unknown variable',
      `${GOOD}formal:\n${wording('{{amount}}')}final:\n${wording('x')}`,
      'unknown variable amount',
    ],
    [
      'raw output',
      `${GOOD}formal:\n${wording('{{{deadline}}}')}final:\n${wording('x')}`,
      'raw output',
    ],
    ['no final wording', `${GOOD}formal:\n${wording('x')}`, 'both a formal and a final wording'],
  ])('%s', (_what, text, message) => {
    expect(reading(text)).toThrow(message);
  });

  test('and one that is right is taken', () => {
    expect(reading(`${GOOD}${both}`)).not.toThrow();
  });
});
