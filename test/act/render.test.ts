import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type LetterText,
  localeFor,
  type ReminderFacts,
  REMINDER_VARIABLES,
  safeLink,
  shown,
  viewOf,
} from '../../src/act/reminder-view.ts';
import { createRenderer, reminders } from '../../src/act/render.ts';
import { checkTemplate, parseTemplate } from '../../src/act/template-check.ts';
import { addDays, day } from '../../src/domain/day.ts';
import { PolicyError } from '../../src/errors.ts';

const TODAY = day('2026-11-23');

function line(daysLate: number, changes: Partial<ReminderFacts['lines'][number]> = {}) {
  return {
    number: `INV-${1000 + daysLate}`,
    issuedOn: addDays(TODAY, -daysLate - 30),
    dueOn: addDays(TODAY, -daysLate),
    askedMinor: 123_450,
    totalMinor: 123_450,
    contestedMinor: 0,
    link: null,
    isTrigger: true,
    ...changes,
  };
}

function facts(changes: Partial<ReminderFacts> = {}): ReminderFacts {
  return {
    businessName: 'Harbour Joinery',
    greetingName: 'Priya Nair',
    customerName: 'Kauri & Sons',
    signer: { name: 'Mia Tran', role: 'Accounts receivable', line: null },
    replyAddress: 'accounts@harbour.example',
    currency: 'NZD',
    locale: 'en-NZ',
    today: TODAY,
    lines: [line(10, { link: 'https://pay.example/1' })],
    credits: [],
    payLink: 'https://pay.example/1',
    attached: { statement: true, invoices: 1 },
    letter: null,
    ...changes,
  };
}

const NOTHING = { statement: false, invoices: 0 };

const LETTER: LetterText = {
  subject: 'Final demand: NZD 1,234.50',
  before: ['The invoices below have not been paid in full.', 'Please pay by 7 December 2026.'],
  after: ['If you dispute a part of it, tell us which part.'],
  law: 'This letter is from Harbour Joinery.',
  reference: 'FN-17',
  issuedOn: '23 November 2026',
  deadline: '7 December 2026',
  interest: null,
  howToPay: ['Bank 12-34'],
};

/** A template of a letter is only ever rendered with one. */
function factsFor(name: string, changes: Partial<ReminderFacts> = {}): ReminderFacts {
  return facts({ letter: name.startsWith('letter-') ? LETTER : null, ...changes });
}

const several = {
  lines: [line(3), line(40, { askedMinor: 50_000, isTrigger: false }), line(-2)],
  credits: [{ label: 'Credit note CN-1', amountMinor: 10_000 }],
};

const NAMES = [
  'before-due',
  'due-today',
  'overdue-friendly',
  'overdue-second',
  'overdue-firm',
  'letter-formal',
  'letter-final',
  'statement',
];

const HOSTILE = [
  '"><img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  "'onmouseover='alert(1)",
  '{{constructor.constructor "alert(1)"}}',
  'Acme & Söhne <ap@evil.example>',
];

describe('every template', () => {
  test('is there, and those of the default policy are among them', () => {
    expect(reminders().names().sort()).toEqual([...NAMES].sort());
    const policy = parse(readFileSync('src/escalate/default-policy.yaml', 'utf8')) as {
      steps: { template?: string }[];
    };
    const named = policy.steps.map((step) => step.template).filter((name) => name !== undefined);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(NAMES).toContain(name);
  });

  describe.each(NAMES)('%s', (name) => {
    test.each([
      ['one invoice', {}],
      ['several, with credit', several],
      ['no link, no PDF', { payLink: null, attached: NOTHING, lines: [line(0)] }],
      ['signed by the business alone', { signer: { name: null, role: null, line: null } }],
    ])('%s: says everything, and nothing that is missing', (_case, changes) => {
      const { subject, text, html } = reminders().render(
        name,
        'en',
        viewOf(factsFor(name, changes)),
      );
      for (const part of [subject, text, html]) {
        expect(part).not.toMatch(/undefined|null|NaN|\[object|\{\{|\}\}/);
        expect(part.trim()).not.toBe('');
      }
      expect(subject).not.toMatch(/[\r\n]/);
      expect(subject).not.toMatch(/ {2}| [,.:]/);
      expect(text).not.toMatch(/<[a-z]/i);
      expect(text).not.toMatch(/\n{3}| +\n| [,.]/);
      expect(text).toContain('Harbour Joinery');
      expect(html).toContain('accounts@harbour.example');
      for (const { number } of { ...facts(), ...changes }.lines) {
        expect(text).toContain(number);
        expect(html).toContain(number);
      }
    });

    test('names and numbers of the ledger stay text in the HTML', () => {
      for (const hostile of HOSTILE) {
        const { html } = reminders().render(
          name,
          'en',
          viewOf(
            factsFor(name, {
              businessName: hostile,
              greetingName: hostile,
              customerName: hostile,
              signer: { name: `${hostile}!`, role: hostile, line: null },
              lines: [line(5, { number: hostile }), line(7, { number: hostile })],
              credits: [{ label: hostile, amountMinor: 1 }],
            }),
          ),
        );
        expect(tagsOf(html)).toEqual(tagsOf(harmless(name)));
        expect(html).not.toMatch(/<img|<script/i);
      }
    });

    test('loads nothing, tracks nothing, and links only where it may', () => {
      const { html } = reminders().render(name, 'en', viewOf(factsFor(name, several)));
      expect(html).not.toMatch(/<img|<link|<iframe|<form|url\(|@import|src=/i);
      const links = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
      for (const link of links)
        expect(link).toMatch(/^(https:\/\/pay\.example\/1|mailto:accounts@)/);
      expect(html).toMatch(/max-width:6[06]0px/);
    });

    test('promises, threatens and sells nothing', () => {
      const { subject, text } = reminders().render(name, 'en', viewOf(factsFor(name, several)));
      expect(`${subject} ${text}`).not.toMatch(
        /lawyer|legal|court|agency|credit (bureau|rating)|listing|interest|fee\b|offer|discount|sale|new product|newsletter|department|urgent|immediately/i,
      );
    });
  });

  function harmless(name: string): string {
    const view = viewOf(
      factsFor(name, {
        lines: [line(5), line(7)],
        credits: [{ label: 'Credit', amountMinor: 1 }],
      }),
    );
    return reminders().render(name, 'en', view).html;
  }

  function tagsOf(html: string): string[] {
    return [...html.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map((match) => match[1] ?? '');
  }
});

describe('a template file that is wrong', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'duebook-templates-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function renderWith(html: string) {
    writeFileSync(path.join(folder, 'x.en.subject.hbs'), 'Hello');
    writeFileSync(path.join(folder, 'x.en.text.hbs'), 'Hello');
    writeFileSync(path.join(folder, 'x.en.html.hbs'), html);
    return () => createRenderer(folder).render('x', 'en', viewOf(facts()));
  }

  test('an unknown variable: refused with template and line', () => {
    const render = renderWith('<p>\n{{businessName}}\n{{busnessName}}</p>');
    expect(render).toThrow(PolicyError);
    expect(render).toThrow('line 3: template x.en.html: unknown variable busnessName');
  });

  test('inside a list only what its entries have', () => {
    expect(renderWith('{{#each invoices}}\n{{customerName}}{{/each}}')).toThrow(
      'line 2: template x.en.html: unknown variable customerName',
    );
    expect(renderWith('{{#each invoices}}{{number}}{{/each}}')).not.toThrow();
  });

  test.each(['{{#if businessName}}\n', '{{#if businessName}', '{{businessName', '{{#if}}x{{/if}}'])(
    '%j cannot be read: refused',
    (source) => {
      expect(renderWith(source)).toThrow(PolicyError);
    },
  );

  test('a template that is not there: refused by name, and no path leads out of the folder', () => {
    for (const name of ['nothing', '../partials/opening', '/etc/passwd', '']) {
      expect(() => reminders().render(name, 'en', viewOf(facts()))).toThrow(PolicyError);
    }
  });
});

// Each of these reaches code, other data or raw output in some version or mode of the template language.
const REFUSED = [
  '{{{businessName}}}',
  '{{&businessName}}',
  '{{> secret}}',
  '{{> (lookup . "x")}}',
  '{{#> layout}}x{{/layout}}',
  '{{#*inline "x"}}y{{/inline}}',
  '{{* decorator}}',
  '{{log businessName}}',
  '{{lookup this "constructor"}}',
  '{{#with this}}x{{/with}}',
  '{{#with constructor}}x{{/with}}',
  '{{constructor}}',
  '{{constructor.constructor}}',
  '{{__proto__}}',
  '{{__defineGetter__}}',
  '{{__lookupGetter__}}',
  '{{toString}}',
  '{{hasOwnProperty}}',
  '{{valueOf}}',
  '{{@root}}',
  '{{@root.businessName}}',
  '{{@index}}',
  '{{@key}}',
  '{{this}}',
  '{{.}}',
  '{{..}}',
  '{{../businessName}}',
  '{{this.businessName}}',
  '{{./businessName}}',
  '{{businessName.length}}',
  '{{invoices}}',
  '{{invoices.0.number}}',
  '{{invoices.[0].number}}',
  '{{[businessName]}}x{{[constructor]}}',
  '{{"businessName"}}',
  '{{1}}',
  '{{true}}',
  '{{null}}',
  '{{undefined}}',
  '{{businessName foo=1}}',
  '{{businessName 1}}',
  '{{helperMissing}}',
  '{{blockHelperMissing}}',
  '{{#helperMissing}}x{{/helperMissing}}',
  '{{#businessName}}x{{/businessName}}',
  '{{^businessName}}x{{/businessName}}',
  '{{#if (eq 1 1)}}x{{/if}}',
  '{{#if businessName includeZero=true}}x{{/if}}',
  '{{#if constructor}}x{{/if}}',
  '{{#if businessName.constructor}}x{{/if}}',
  '{{#unless __proto__}}x{{/unless}}',
  '{{#each this}}x{{/each}}',
  '{{#each .}}x{{/each}}',
  '{{#each businessName}}x{{/each}}',
  '{{#each invoices as |row|}}{{row.number}}{{/each}}',
  '{{#each invoices}}{{#each credits}}x{{/each}}{{/each}}',
  '{{#each invoices}}{{../businessName}}{{/each}}',
  '{{#each invoices}}{{constructor}}{{/each}}',
  '{{#each invoices}}x{{else}}{{constructor}}{{/each}}',
  '{{#if businessName}}x{{else if constructor}}y{{/if}}',
  '{{#if businessName}}x{{else}}{{{businessName}}}{{/if}}',
  '{{#each (lookup this "invoices")}}x{{/each}}',
  '{{raw-helper}}',
  '{{{{raw}}}}x{{{{/raw}}}}',
  '{{#if businessName as |x|}}{{x}}{{/if}}',
];

describe('the template language is cut down to what a message needs', () => {
  test.each(REFUSED)('%s is refused', (source) => {
    expect(() => {
      checkTemplate('t', parseTemplate('t', source), REMINDER_VARIABLES, new Set(['closing']));
    }).toThrow(PolicyError);
  });

  test.each([
    'plain text, {curly} and {{! a comment }}',
    '{{businessName}} {{~total~}}',
    '{{#if payLink}}{{payLink}}{{else}}none{{/if}}',
    '{{#if enclosed}}x{{else if isSingle}}y{{/if}}',
    '{{#unless isSingle}}{{invoiceCount}}{{/unless}}',
    '{{#each credits}}{{label}}{{else}}{{total}}{{/each}}',
    '{{#if invoices}}x{{/if}}',
    '{{> closing}}',
    '\\{{businessName}}',
  ])('%s is allowed', (source) => {
    expect(() => {
      checkTemplate('t', parseTemplate('t', source), REMINDER_VARIABLES, new Set(['closing']));
    }).not.toThrow();
  });
});

describe('what a reminder shows', () => {
  test('amounts and days in the reader’s locale and the invoice’s currency', () => {
    const dollars = viewOf(facts({ locale: 'en-US', currency: 'USD' }));
    expect(dollars.total).toBe('$1,234.50');
    expect(dollars.firstDueOn).toBe('November 13, 2026');
    const abroad = viewOf(facts({ currency: 'USD' }));
    expect(abroad.total).toBe('US$1,234.50');
    expect(abroad.firstDueOn).toBe('13 November 2026');
    const yen = viewOf(facts({ currency: 'JPY' }));
    expect(yen.total).toMatch(/123,450$/);
    expect(yen.invoices[0]?.amount).toBe('123,450');
    expect(viewOf(facts({ currency: 'KWD' })).invoices[0]?.amount).toBe('123.450');
  });

  test.each([
    ['en', 'NZ', 'en-NZ'],
    ['en-GB', 'NZ', 'en-GB'],
    ['de', 'CH', 'de-CH'],
    ['not a language', 'NZ', 'en'],
    ['en', '??', 'en'],
  ])('language %s in %s: locale %s', (language, country, locale) => {
    expect(localeFor(language, country)).toBe(locale);
  });

  test('days count from today: overdue, today, to come', () => {
    const view = viewOf(facts({ lines: [line(1), line(0), line(-1)] }));
    expect(view.invoices.map((row) => row.when)).toEqual([
      '1 day overdue',
      'due today',
      'due in 1 day',
    ]);
    expect(view.invoices.map((row) => row.isOverdue)).toEqual([true, false, false]);
  });

  test('the first line is the longest due of those that caused it', () => {
    const view = viewOf(facts(several));
    expect(view.firstNumber).toBe('INV-1003');
    expect(view.invoices[0]?.number).toBe('INV-1040');
    expect(view.oldestOverdue).toBe('40 days');
    expect(view.total).toBe('$2,969.00');
    expect(view.netTotal).toBe('$2,869.00');
  });

  test('what is not yet due is never called overdue', () => {
    const view = viewOf(facts({ lines: [line(3), line(-1), line(0)] }));
    expect(view).toMatchObject({
      isOneOverdue: true,
      overdueNumber: 'INV-1003',
      overdueTotal: '$1,234.50',
      hasUpcoming: true,
    });
    for (const name of ['overdue-friendly', 'overdue-second', 'overdue-firm']) {
      const { subject, text } = reminders().render(name, 'en', view);
      expect(`${subject} ${text}`).not.toMatch(/[23] invoices/);
      expect(text).toContain('What falls due next is listed too.');
    }
  });

  test.each([
    ['https://in.xero.com/a?b=1', 'https://in.xero.com/a?b=1'],
    ['http://127.0.0.1:4100/pay', 'http://127.0.0.1:4100/pay'],
    ['http://in.xero.com/a', null],
    ['javascript:alert(1)', null],
    ['JaVaScRiPt:alert(1)', null],
    ['data:text/html,x', null],
    ['vbscript:x', null],
    ['//evil.example', null],
    ['https://accounts@evil.example/', null],
    ['http://localhost.evil.example/', null],
    [' not a link', null],
    ['', null],
  ])('a link of %j becomes %j', (link, expected) => {
    expect(safeLink(link)).toBe(expected);
    expect(viewOf(facts({ payLink: link })).payLink).toBe(expected);
  });

  test('names are one line without marks that hide or reorder, and not endless', () => {
    expect(shown('Acme\r\nBcc: x')).toBe('Acme Bcc: x');
    expect(shown('evil\u202egnp.exe')).toBe('evil gnp.exe');
    expect(shown('a\u200b\u2066b\u0000c')).toBe('a b c');
    expect(shown('Café 株式会社 محمد')).toBe('Café 株式会社 محمد');
    expect(shown('x'.repeat(500))).toHaveLength(120);
  });

  test('a language without a template is answered in English, with its own days and amounts', () => {
    expect(reminders().languageOf('before-due', 'de')).toBe('en');
    expect(reminders().languageOf('before-due', '../../x')).toBe('en');
    expect(reminders().languageOf('before-due', 'en-GB')).toBe('en');
  });
});
