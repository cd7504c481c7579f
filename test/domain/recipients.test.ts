import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkAddress,
  emailAddress,
  readAddresses,
  resolveRecipients,
} from '../../src/domain/recipients.ts';

const contact = (email: string, includeInEmails = true) => ({ email, includeInEmails });

describe('texts that must never reach a mail server', () => {
  test.each([
    'b@y.example\r\nBcc: evil@z.example',
    'b@y.example\nBcc: evil@z.example',
    'b@y.example\r',
    'b@y.example\n',
    '\nb@y.example',
    'b@y.example\u2028evil@z.example',
    'b@y.example\u2029',
    'b@y.example\u0000',
    'b@y.example\t',
    'b@y.exa\u00admple',
    'b@y.example\u202e',
    '\u202eelpmaxe.y@b',
    'b\u200b@y.example',
    '\ufeffb@y.example',
    'b@y.example\u0085c@d.example',
    '\ud800b@y.example',
    '"Evil" <evil@z.example>',
    'Acme <b@y.example>',
    '<b@y.example>',
    'b@y.example <evil@z.example>',
    '"b@y.example"@z.example',
    '"b y"@z.example',
    'b@y.example@z.example',
    'b@@y.example',
    'b%z.example@y.example',
    'z.example!b@y.example',
    'b@[127.0.0.1]',
    'b@127.0.0.1',
    'b@localhost',
    'b@y',
    'b@.y.example',
    'b@y..example',
    'b@-y.example',
    'b@y-.example',
    'b@y.example.',
    'b@y.e',
    '.b@y.example',
    'b.@y.example',
    'b..c@y.example',
    '-oQ/tmp@y.example',
    'b c@y.example',
    'b@y. example',
    'b@y.example(comment)',
    'b@y.example:25',
    'b@y.example\\',
    'group:b@y.example',
    'b@ý.example',
    'b@у.example', // a Cyrillic у
    'ｂ@y.example',
    'b＠y.example',
    'b@y.example\u00a0',
    '@y.example',
    'b@',
    'see contract',
    `${'a'.repeat(65)}@y.example`,
    `b@${'a'.repeat(64)}.example`,
    `b@${'abc.'.repeat(70)}example`,
    Array.from({ length: 11 }, (_, i) => `b${i}@y.example`).join(','),
  ])('%j is refused', (text) => {
    const read = readAddresses(text);
    expect(read.to).toEqual([]);
    expect(read.refused.length).toBeGreaterThan(0);
  });

  test('a text with a line break is refused whole, also when a good address stands before it', () => {
    expect(readAddresses('good@y.example, b@y.example\r\nBcc: evil@z.example').to).toEqual([]);
  });
});

describe('texts that are addresses', () => {
  test.each([
    ['b@y.example', ['b@y.example']],
    ['  b@Y.Example  ', ['b@y.example']],
    ["o'brien+ar@pay-me.co.nz", ["o'brien+ar@pay-me.co.nz"]],
    ['a@y.example; b@y.example', ['a@y.example', 'b@y.example']],
    ['a@y.example,b@y.example;', ['a@y.example', 'b@y.example']],
    ['a@y.example, A@Y.EXAMPLE', ['a@y.example']],
    ['b@xn--bcher-kva.example', ['b@xn--bcher-kva.example']],
    ['b@y.xn--p1ai', ['b@y.xn--p1ai']],
    [`${'a'.repeat(64)}@y.example`, [`${'a'.repeat(64)}@y.example`]],
    ['good@y.example, not an address', ['good@y.example']],
    ['', []],
    [' ; , ', []],
  ])('%j gives %j', (text, to) => {
    expect(readAddresses(text).to).toEqual(to);
  });

  test('what is accepted is printable ASCII with one @, whatever goes in', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(...Array.from('ab.@,;<>"\r\n\t %!:()[]\\-_+é\u202e\u200b')),
      maxLength: 30,
    });
    fc.assert(
      fc.property(nasty, (text) => {
        for (const address of readAddresses(`x@y.example,${text}`).to) {
          expect(address).toMatch(/^[!-~]+@[!-~]+$/);
          expect(address.split('@')).toHaveLength(2);
          expect(address).not.toMatch(/[,;<>"()[\]\\%!:]/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('long rubbish is refused quickly', () => {
    const startedAt = performance.now();
    checkAddress(`${'a.'.repeat(50_000)}@y.example`);
    readAddresses(`${'a-'.repeat(50_000)}@${'a-.'.repeat(50_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test('the schema says what the check says', () => {
    expect(emailAddress.parse('b@Y.example')).toBe('b@y.example');
    expect(emailAddress.safeParse('b@y.example\n').success).toBe(false);
  });
});

describe('the order of the sources', () => {
  const customer = 'main@acme.example';
  const contacts = [contact('one@acme.example'), contact('not@acme.example', false)];

  test('the invoice’s own address wins', () => {
    expect(resolveRecipients({ invoices: ['bill@acme.example'], customer, contacts })).toEqual({
      to: ['bill@acme.example'],
      source: 'invoice',
      refused: [],
    });
  });

  test('then the customer’s, then the contacts marked for emails', () => {
    expect(resolveRecipients({ invoices: [null], customer, contacts }).to).toEqual([customer]);
    const third = resolveRecipients({ invoices: [null], customer: ' ', contacts });
    expect(third).toMatchObject({ to: ['one@acme.example'], source: 'contacts' });
  });

  test('a source that is refused is passed over, and shown', () => {
    const found = resolveRecipients({ invoices: ['bill@acme.example\n'], customer, contacts });
    expect(found).toMatchObject({ to: [customer], source: 'customer' });
    expect(found.refused).toEqual([
      {
        source: 'invoice',
        text: 'bill@acme.example\n',
        reason: 'holds a line break or an invisible character',
      },
    ]);
  });

  test('invoices that name different people are not mixed: the customer’s own address is used', () => {
    const invoices = ['east@acme.example', 'west@acme.example'];
    expect(resolveRecipients({ invoices, customer, contacts })).toMatchObject({
      to: [customer],
      source: 'customer',
    });
    expect(resolveRecipients({ invoices, customer: null, contacts: [] })).toMatchObject({
      to: [],
      source: null,
    });
  });

  test('the same people in another order are the same people', () => {
    const invoices = ['a@acme.example, b@acme.example', 'B@acme.example; a@acme.example'];
    expect(resolveRecipients({ invoices, customer, contacts }).source).toBe('invoice');
  });

  test('an address on only some of the invoices speaks for all only when there is no other', () => {
    const invoices = ['bill@acme.example', null];
    expect(resolveRecipients({ invoices, customer, contacts }).to).toEqual([customer]);
    expect(resolveRecipients({ invoices, customer: null, contacts: [] }).to).toEqual([
      'bill@acme.example',
    ]);
  });

  test('nobody at all is unreachable', () => {
    expect(resolveRecipients({ invoices: [], customer: null, contacts: [] })).toEqual({
      to: [],
      source: null,
      refused: [],
    });
  });
});
