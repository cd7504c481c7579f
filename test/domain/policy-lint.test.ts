import { describe, expect, test } from 'vitest';
import {
  type Finding,
  hasErrors,
  LINT_CODES,
  type LintCode,
  type LintContext,
  lintPolicy,
  type LintTemplate,
} from '../../src/domain/policy-lint.ts';
import { policyText } from './policies.ts';

const GOOD: LintTemplate = {
  subject: 'Invoice {{firstNumber}}',
  text: 'Hello,\n{{> invoices}}\n{{> closing}}',
  problem: null,
};
const TEMPLATES = new Map<string, LintTemplate>([
  ['overdue-friendly', GOOD],
  ['advert', { ...GOOD, subject: 'A special offer for you' }],
  ['advert-inside', { ...GOOD, text: `${GOOD.text}\nRead our newsletter` }],
  ['no-list', { ...GOOD, text: 'Pay now. {{> closing}}' }],
  ['no-name', { ...GOOD, text: '{{#each invoices}}{{number}}{{/each}}' }],
  ['broken', { ...GOOD, problem: 'template broken: unknown variable wombat' }],
  ['threat', { ...GOOD, text: `${GOOD.text}\nWe will take legal action.` }],
  ['threat-above', { ...GOOD, subject: 'Final demand' }],
]);

function lint(steps: readonly string[], rest = '', more: Partial<LintContext> = {}): Finding[] {
  return lintPolicy(policyText(steps, rest), { templates: TEMPLATES, country: null, ...more });
}

function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code, severity, line }) => `${severity} ${code} in line ${line ?? '-'}`);
}

const CLEAN = ['friendly: 3 days after due', 'second: 10 days after due'];

/** Each code with a policy that has it, and one that is right at the border and has not. */
const CASES: [LintCode, string, Finding[], string[]][] = [
  [
    'never_fires',
    'a step after the hand-over',
    lint([
      'l: 1 day after due, letter, mode: approve',
      'h: 20 days after due, hand_over, mode: approve',
      'late: 30 days after due',
    ]),
    ['error never_fires in line 5'],
  ],
  [
    'never_fires',
    'bounds that exclude each other',
    lint(['a: 3 days after due, email, when: { score: { atLeast: 40, below: 40 } }']),
    ['error never_fires in line 3'],
  ],
  [
    'never_fires',
    'bounds with room between them',
    lint(['a: 3 days after due, email, when: { score: { atLeast: 39, below: 40 } }']),
    [],
  ],
  [
    'never_fires',
    'amounts that exclude each other',
    lint([
      'a: 3 days after due, email, when: { amount: { atLeast: { default: 5, JPY: 9 }, below: { default: 5.01, JPY: 9 } } }',
    ]),
    ['error never_fires in line 3'],
  ],
  [
    'never_fires',
    'amounts with room between them',
    lint([
      'a: 3 days after due, email, when: { overdue: { atLeast: { default: 5 }, below: { default: 5.01 } } }',
    ]),
    [],
  ],
  [
    'never_fires',
    'the amount of one currency above what holds for all others',
    lint([
      'a: 3 days after due, email, when: { amount: { atLeast: { JPY: 9 }, below: { default: 5 } } }',
    ]),
    ['error never_fires in line 3'],
  ],
  [
    'never_fires',
    'an amount with no upper end',
    lint(['a: 3 days after due, email, when: { amount: { atLeast: { default: 5 } } }']),
    [],
  ],
  [
    'never_fires',
    'too old before it comes',
    lint(['a: 3 days after due, email, when: { age: { below: 3 } }']),
    ['error never_fires in line 3'],
  ],
  [
    'never_fires',
    'just young enough',
    lint(['a: 3 days after due, email, when: { age: { below: 4 } }']),
    [],
  ],
  [
    'never_fires',
    'too old after the grace',
    lint(['a: 3 days after due, email, when: { age: { below: 6 } }'], 'graceDays: 6'),
    ['error never_fires in line 4'],
  ],
  [
    'never_fires',
    'on the due date, which no grace moves',
    lint(['a: on due, email, when: { age: { below: 1 } }'], 'graceDays: 6'),
    [],
  ],
  [
    'never_fires',
    'before the due date, which no grace moves',
    lint(['a: 5 days before due, email, when: { age: { below: 0 } }'], 'graceDays: 6'),
    [],
  ],
  [
    'never_fires',
    'only before due, counted from the invoice date: it depends on the terms',
    lint(['a: 3 days after issue, email, when: { age: { below: 0 } }']),
    [],
  ],
  [
    'never_fires',
    'the same asked for and excluded',
    lint([
      'a: 3 days after due, email, when: { flags: [over_limit] }, unless: { flags: [over_limit] }',
    ]),
    ['error never_fires in line 3'],
  ],
  [
    'never_fires',
    'a repeat that the next step cuts off',
    lint([
      'a: 3 days after due, email, repeat: { everyDays: 7, atMost: 2 }',
      'b: 7 days after previous',
    ]),
    ['warning never_fires in line 3'],
  ],
  [
    'never_fires',
    'a repeat with room for one',
    lint([
      'a: 3 days after due, email, repeat: { everyDays: 7, atMost: 2 }',
      'b: 8 days after previous',
    ]),
    [],
  ],
  [
    'never_fires',
    'a repeat of the last step',
    lint(['a: 3 days after due, email, repeat: { everyDays: 7, atMost: 2 }']),
    [],
  ],
  [
    'never_fires',
    'a repeat before a step that counts from another day',
    lint([
      'a: 3 days after issue, email, repeat: { everyDays: 7, atMost: 2 }',
      'b: 3 days after due',
    ]),
    ['warning unclear_order in line 4'],
  ],
  [
    'overlap',
    'closer than messages may be',
    lint(['a: 3 days after due', 'b: 5 days after due']),
    ['warning overlap in line 4'],
  ],
  ['overlap', 'as close as they may be', lint(['a: 3 days after due', 'b: 6 days after due']), []],
  [
    'overlap',
    'a call does not count',
    lint(['a: 3 days after due', 'b: 4 days after due, call']),
    [],
  ],
  [
    'overlap',
    'a call before it does not count either',
    lint(['a: 3 days after due, call', 'b: 4 days after due']),
    [],
  ],
  [
    'overlap',
    'pushed together by the grace',
    lint(['a: 3 days after due', 'b: 8 days after due'], 'graceDays: 6'),
    ['warning overlap in line 5'],
  ],
  [
    'overlap',
    'counted from the day that the grace gives to the step before',
    lint(['a: 3 days after due', 'b: 5 days after previous'], 'graceDays: 6'),
    [],
  ],
  [
    'unclear_order',
    'two anchors',
    lint(['a: 3 days after issue', 'b: 3 days after due']),
    ['warning unclear_order in line 4'],
  ],
  [
    'unclear_order',
    'counted from the step before',
    lint(['a: 3 days after issue', 'b: 30 days after previous']),
    [],
  ],
  [
    'no_formal_step',
    'handed over out of the blue',
    lint(['a: 3 days after due', 'h: 60 days after due, hand_over, mode: approve']),
    ['error no_formal_step in line 4'],
  ],
  [
    'no_formal_step',
    'after a formal notice',
    lint([
      'n: 3 days after due, formal_notice, mode: approve',
      'h: 60 days after due, hand_over, mode: approve',
    ]),
    [],
  ],
  [
    'no_formal_step',
    'the letter comes after the hand-over',
    lint([
      'h: 20 days after due, hand_over, mode: approve',
      'l: 60 days after due, letter, mode: approve',
    ]),
    ['error no_formal_step in line 3', 'error never_fires in line 4'],
  ],
  [
    'short_notice',
    'thirteen days',
    lint([
      'n: 30 days after due, letter, mode: approve',
      'h: 43 days after due, hand_over, mode: approve',
    ]),
    ['warning short_notice in line 4'],
  ],
  [
    'short_notice',
    'thirteen days in Norway',
    lint(
      [
        'n: 30 days after due, letter, mode: approve',
        'h: 13 days after previous, hand_over, mode: approve',
      ],
      '',
      { country: 'NO' },
    ),
    ['error short_notice in line 4'],
  ],
  [
    'short_notice',
    'fourteen days',
    lint(
      [
        'n: 30 days after due, letter, mode: approve',
        'h: 44 days after due, hand_over, mode: approve',
      ],
      '',
      { country: 'NO' },
    ),
    [],
  ],
  [
    'short_notice',
    'pushed together by the grace',
    lint(
      [
        'n: 3 days after due, letter, mode: approve',
        'h: 17 days after due, hand_over, mode: approve',
      ],
      'graceDays: 20',
    ),
    ['warning short_notice in line 5'],
  ],
  [
    'short_notice',
    'counted from another day: it depends on the terms',
    lint([
      'n: 30 days after issue, letter, mode: approve',
      'h: 40 days after due, hand_over, mode: approve',
    ]),
    ['warning unclear_order in line 4'],
  ],
  [
    'formal_without_approval',
    'a letter that nobody sees',
    lint(['l: 30 days after due, letter']),
    ['warning formal_without_approval in line 3'],
  ],
  [
    'formal_without_approval',
    'two people see it',
    lint(['l: 30 days after due, letter, fourEyes: true']),
    [],
  ],
  [
    'formal_without_approval',
    'the policy is approved step by step',
    lint(['l: 30 days after due, letter'], 'mode: approve'),
    [],
  ],
  [
    'promotional_words',
    'in a name',
    lint(['promo: 3 days after due']),
    ['error promotional_words in line 3'],
  ],
  ['promotional_words', 'a name that says what it is', lint(['reminder: 3 days after due']), []],
  [
    'too_many_contacts',
    'four a week',
    lint(CLEAN, 'budgets: { contactsPer7Days: 4 }'),
    ['warning too_many_contacts in line 2'],
  ],
  [
    'too_many_contacts',
    'four a week in Australia',
    lint(CLEAN, 'budgets: { contactsPer7Days: 4 }', { country: 'AU' }),
    ['error too_many_contacts in line 2'],
  ],
  [
    'too_many_contacts',
    'three a week',
    lint(CLEAN, 'budgets: { contactsPer7Days: 3 }', { country: 'AU' }),
    [],
  ],
  [
    'sending_hours',
    'before half past seven',
    lint(CLEAN, 'calendar: { hours: { from: "07:29", until: "17:00" } }'),
    ['warning sending_hours in line 2'],
  ],
  [
    'sending_hours',
    'after nine in the evening',
    lint(CLEAN, 'calendar: { hours: { from: "07:30", until: "21:01" } }', { country: 'AU' }),
    ['error sending_hours in line 2'],
  ],
  [
    'sending_hours',
    'the whole of what is reasonable',
    lint(CLEAN, 'calendar: { hours: { from: "07:30", until: "21:00" } }'),
    [],
  ],
  [
    'sending_hours',
    'early on a Saturday',
    lint(CLEAN, 'calendar: { sendDays: [fri, sat], hours: { from: "08:59", until: "17:00" } }'),
    ['warning sending_hours in line 2'],
  ],
  [
    'sending_hours',
    'at nine on a Sunday',
    lint(CLEAN, 'calendar: { sendDays: [sun], hours: { from: "09:00", until: "17:00" } }'),
    [],
  ],
  [
    'jump_over_formal',
    'past a letter',
    lint(
      ['l: 3 days after due, letter, mode: approve', 'b: 10 days after due'],
      'onBrokenPromise: { then: b }',
    ),
    ['warning jump_over_formal in line 2'],
  ],
  [
    'jump_over_formal',
    'to the letter itself',
    lint(
      ['l: 3 days after due, letter, mode: approve', 'b: 10 days after due'],
      'onPlan: { then: l }',
    ),
    [],
  ],
  [
    'sender_falls',
    'the director and then the collector',
    lint(['a: 3 days after due, email, sender: director', 'b: 10 days after due']),
    ['warning sender_falls in line 4'],
  ],
  [
    'sender_falls',
    'the same level',
    lint([
      'a: 3 days after due, email, sender: director',
      'b: 10 days after due, email, sender: director',
    ]),
    [],
  ],
  [
    'sender_falls',
    'from level to level down',
    lint([
      'a: 3 days after due, email, sender: director',
      'b: 10 days after due, email, sender: finance_lead',
      'c: 20 days after due, email, sender: account_owner',
      'd: 30 days after due, email, sender: collector',
    ]),
    [4, 5, 6].map((line) => `warning sender_falls in line ${line}`),
  ],
  [
    'sender_falls',
    'from level to level up',
    lint([
      'a: 3 days after due, email, sender: collector',
      'b: 10 days after due, email, sender: account_owner',
      'c: 20 days after due, email, sender: finance_lead',
      'd: 30 days after due, email, sender: director',
    ]),
    [],
  ],
  [
    'hold_out_nothing',
    'before the first step',
    lint(CLEAN, 'holdOut: { share: 0.1, before: friendly }'),
    ['warning hold_out_nothing in line 2'],
  ],
  [
    'hold_out_nothing',
    'before the second',
    lint(CLEAN, 'holdOut: { share: 0.1, before: second }'),
    [],
  ],
  [
    'empty_threat',
    'a name that threatens',
    lintPolicy(policyText(['f: 3 days after due, task']).replace('name: f', 'name: Final demand'), {
      templates: TEMPLATES,
      country: null,
    }),
    ['error empty_threat in line 3'],
  ],
  [
    'empty_threat',
    'the name of the hand-over itself',
    lint([
      'l: 30 days after due, letter, mode: approve',
      'agency: 60 days after due, hand_over, mode: approve',
    ]),
    [],
  ],
  [
    'empty_threat',
    'after the hand-over',
    lint([
      'l: 30 days after due, letter, mode: approve',
      'h: 60 days after due, hand_over, mode: approve',
      'court: 90 days after due, task',
    ]),
    ['error never_fires in line 5', 'error empty_threat in line 5'],
  ],
  [
    'unreadable',
    'a text that is no policy far down',
    lintPolicy(`name: x\n${'\n'.repeat(10)}steps: 3\n`, { templates: TEMPLATES, country: null }),
    ['error unreadable in line 12'],
  ],
  [
    'unreadable',
    'a text that is no policy',
    lintPolicy('name: x\nsteps: 3\n', { templates: TEMPLATES, country: null }),
    ['error unreadable in line 2'],
  ],
];

/** Steps that name another template than the usual one. */
function withTemplate(template: string, more = ''): Finding[] {
  const text = policyText(['a: 3 days after due', ...(more === '' ? [] : [more])]);
  return lintPolicy(text.replace('overdue-friendly', template), {
    templates: TEMPLATES,
    country: null,
  });
}

const AFTER = 'n: 30 days after due, letter, mode: approve';
const TEMPLATE_CASES: [LintCode, string, Finding[], string[]][] = [
  [
    'unknown_template',
    'a name nobody has',
    withTemplate('nobody'),
    ['error unknown_template in line 3'],
  ],
  [
    'broken_template',
    'a template with a mistake',
    withTemplate('broken'),
    ['error broken_template in line 3'],
  ],
  [
    'template_incomplete',
    'without the invoices',
    withTemplate('no-list'),
    ['error template_incomplete in line 3'],
  ],
  [
    'template_incomplete',
    'without a sender',
    withTemplate('no-name'),
    ['error template_incomplete in line 3'],
  ],
  [
    'promotional_words',
    'in a subject',
    withTemplate('advert'),
    ['error promotional_words in line 3'],
  ],
  [
    'promotional_words',
    'in a text',
    withTemplate('advert-inside'),
    ['error promotional_words in line 3'],
  ],
  [
    'empty_threat',
    'no hand-over follows',
    withTemplate('threat', AFTER),
    ['error empty_threat in line 3'],
  ],
  [
    'empty_threat',
    'in a subject',
    withTemplate('threat-above', AFTER),
    ['error empty_threat in line 3'],
  ],
];

describe('each finding', () => {
  test.each([...CASES, ...TEMPLATE_CASES])('%s: %s', (_code, _what, findings, expected) => {
    expect(codes(findings)).toEqual(expected);
  });

  test('has a policy that fires it', () => {
    const fired = [...CASES, ...TEMPLATE_CASES].flatMap(([, , findings]) => findings);
    expect(LINT_CODES.filter((code) => !fired.some((finding) => finding.code === code))).toEqual(
      [],
    );
  });

  test('a threat that is carried out is none', () => {
    const text = policyText([
      'a: 3 days after due',
      AFTER,
      'h: 60 days after due, hand_over, mode: approve',
    ]);
    const context = { templates: TEMPLATES, country: null };
    expect(lintPolicy(text.replace('overdue-friendly', 'threat'), context)).toEqual([]);
  });
});

test('each finding stands in the line it is about, from the top of the policy to its end', () => {
  const text = `name: Wrong in every line
budgets:
  messagesPer7Days: 2
  contactsPer7Days: 4
calendar:
  sendDays: [mon]
  hours: { from: "06:00", until: "17:00" }
holdOut:
  share: 0.1
  before: offer
onDispute:
  chaseRest: true
  then: lawyer
steps:
  - key: offer
    name: Special offer
    at: 3 days after due
    channel: email
    template: nobody
    sender: director
    repeat: { everyDays: 7, atMost: 2 }
  - name: Nobody meets these
    key: nobody
    at: 5 days after due
    channel: email
    template: overdue-friendly
    sender: collector
    when:
      age: { atLeast: 9, below: 9 }
      overdueCount: { atLeast: 9, below: 9 }
      score: { atLeast: 9, below: 9 }
      amount: { atLeast: { default: 9 }, below: { default: 9 } }
      overdue: { atLeast: { default: 9 }, below: { default: 9 } }
  - name: Only for the young
    key: young
    at: 30 days after due
    channel: letter
    mode: automatic
    when:
      flags: [over_limit]
      age: { below: 30 }
    unless:
      flags: [over_limit]
      age: { below: 30 }
  - name: Out
    key: out
    at: 40 days after due
    channel: hand_over
    mode: approve
  - name: Lawyer
    key: lawyer
    at: 50 days after due
    channel: task
`;
  const lines = text.split('\n');
  const found = lintPolicy(text, { templates: TEMPLATES, country: null });
  expect(found.map(({ code, line }) => `${code} in ${lines[(line ?? 0) - 1]?.trim()}`)).toEqual([
    'too_many_contacts in contactsPer7Days: 4',
    'sending_hours in hours: { from: "06:00", until: "17:00" }',
    'hold_out_nothing in before: offer',
    'jump_over_formal in then: lawyer',
    'promotional_words in name: Special offer',
    'unknown_template in template: nobody',
    'never_fires in repeat: { everyDays: 7, atMost: 2 }',
    'overlap in at: 5 days after due',
    'sender_falls in sender: collector',
    'never_fires in age: { atLeast: 9, below: 9 }',
    'never_fires in overdueCount: { atLeast: 9, below: 9 }',
    'never_fires in score: { atLeast: 9, below: 9 }',
    'never_fires in amount: { atLeast: { default: 9 }, below: { default: 9 } }',
    'never_fires in overdue: { atLeast: { default: 9 }, below: { default: 9 } }',
    'formal_without_approval in mode: automatic',
    'never_fires in age: { below: 30 }',
    'never_fires in unless:',
    'short_notice in key: out',
    'never_fires in key: lawyer',
    'empty_threat in key: lawyer',
  ]);
});

describe('what it says', () => {
  const all = [...CASES, ...TEMPLATE_CASES].flatMap(([, , findings]) => findings);
  const said = [...new Set(all.map(({ text, mend }) => `${text} | ${mend}`))];
  test('in full, with what would mend it', () => {
    expect(said.sort()).toMatchInlineSnapshot(`
      [
        ""newsletter" in the text of advert-inside reads as advertising. | Say only what is owed and how to pay it: advertising turns a reminder into marketing, which needs consent.",
        ""promo" in the name of step promo reads as advertising. | Say only what is owed and how to pay it: advertising turns a reminder into marketing, which needs consent.",
        ""special offer" in the subject of advert reads as advertising. | Say only what is owed and how to pay it: advertising turns a reminder into marketing, which needs consent.",
        "4 contacts in 7 days are more than the 3 that guidelines on debt collection allow. | Set contactsPer7Days to 3 or less.",
        "A claim is handed over, and no letter or formal notice comes before that. | Add a letter or formal_notice step at least 14 days before the hand-over.",
        "Between n and the hand-over there are only 0 days. | Leave at least 14 days to pay (in Norway the law asks for them).",
        "Between n and the hand-over there are only 13 days. | Leave at least 14 days to pay (in Norway the law asks for them).",
        "Messages would go out at hours that guidelines on debt collection call unreasonable. | Send between 7:30 and 21:00, from 9:00 where weekends are send days.",
        "Step a can never come: it comes 3 days after the due date, and is only for invoices less than 3 days past due. | Let age end above 3, or bring the step forward.",
        "Step a can never come: it comes 6 days after the due date, and is only for invoices less than 6 days past due. | Let age end above 6, or bring the step forward.",
        "Step a can never come: nothing is at least 40 and below 40. | Make atLeast smaller than below.",
        "Step a can never come: nothing is at least 9 and below 5. | Make atLeast smaller than below.",
        "Step a can never come: nothing is at least 9 and below 9. | Make atLeast smaller than below.",
        "Step a can never come: when and unless ask for the same. | Leave one of the two out.",
        "Step a names the template nobody, and there is none of that name. | Name one of advert, advert-inside, broken, no-list, no-name, overdue-friendly, threat, threat-above.",
        "Step a never repeats: the next step comes after 7 days, the repeat would after 7. | Repeat sooner, or leave the repeat out.",
        "Step a speaks of "Final demand", and no hand-over follows it: a threat that is not carried out misleads. | Add a hand_over step after it, or choose other words.",
        "Step a speaks of "legal action", and no hand-over follows it: a threat that is not carried out misleads. | Add a hand_over step after it, or choose other words.",
        "Step b comes 2 days after a, and two messages keep 3 days apart: it is always late. | Let it come 3 days later than a or more.",
        "Step b comes from the collector after a came from the director: the account seems to calm. | Keep the level of the sender, or raise it.",
        "Step b comes from the finance lead after a came from the director: the account seems to calm. | Keep the level of the sender, or raise it.",
        "Step b counts from due and a before it from issue: which comes first depends on the terms of the invoice. | Count both from the same day, or the later one from previous.",
        "Step c comes from the account owner after b came from the finance lead: the account seems to calm. | Keep the level of the sender, or raise it.",
        "Step court can never come: after h the claim is with somebody else and we are silent. | Put it before the hand-over, or leave it out.",
        "Step court speaks of "court", and no hand-over follows it: a threat that is not carried out misleads. | Add a hand_over step after it, or choose other words.",
        "Step d comes from the collector after c came from the account owner: the account seems to calm. | Keep the level of the sender, or raise it.",
        "Step f speaks of "Final demand", and no hand-over follows it: a threat that is not carried out misleads. | Add a hand_over step after it, or choose other words.",
        "Step h counts from due and n before it from issue: which comes first depends on the terms of the invoice. | Count both from the same day, or the later one from previous.",
        "Step l can never come: after h the claim is with somebody else and we are silent. | Put it before the hand-over, or leave it out.",
        "Step l is formal, and nobody approves it. | Set mode: approve, or fourEyes: true.",
        "Step late can never come: after h the claim is with somebody else and we are silent. | Put it before the hand-over, or leave it out.",
        "Template no-list does not say which invoices it is about. | Add {{> invoices}} where the list should stand.",
        "Template no-name does not say who is writing. | Add {{> closing}} at its end.",
        "The hold-out ends before friendly, which is the first step: nobody is held out of anything. | Name a later step, or leave the hold-out out.",
        "onBrokenPromise goes on with b, also where l has not been taken yet. | Go on with l, or a step before it.",
        "steps: should be a list of steps | Write it as the message says; nothing of the policy is used until it can be read.",
        "template broken: unknown variable wombat | Correct the template first.",
      ]
    `);
  });

  test('warnings alone refuse nothing', () => {
    expect(hasErrors([])).toBe(false);
    expect(hasErrors(all.filter((finding) => finding.severity === 'warning'))).toBe(false);
    expect(hasErrors(all)).toBe(true);
  });
});
