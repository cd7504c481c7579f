import fc from 'fast-check';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { criteriaText, inList, instantText, quoted } from '../../connectors/quickbooks/query.ts';
import { type Callback, openSdk } from '../../connectors/quickbooks/sdk.ts';
import { API, REALM, TOKEN } from './quickbooks-support.ts';
import { useNock } from '../support/nock.ts';

/** Reads one quoted value as Intuit does: a backslash takes the next character as it is. */
function unquote(text: string): { value: string; rest: string } {
  if (!text.startsWith("'")) throw new Error('no quoted value');
  let value = '';
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === "'") return { value, rest: text.slice(at + 1) };
    if (character !== '\\') value += character;
    else {
      at += 1;
      value += text[at] ?? '';
    }
  }
  throw new Error('a value without an end');
}

const printable = fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
const hostile = fc
  .array(
    fc.constantFrom(
      '\\',
      "'",
      '%',
      '%27',
      '&',
      '#',
      '+',
      '=',
      '?',
      '<',
      ' or ',
      'a',
      '@@',
      '"',
      '$&',
    ),
  )
  .map((parts) => parts.join(''));

describe('a quoted value', () => {
  it('comes back as it was, whatever it holds, and ends where it should', () => {
    fc.assert(
      fc.property(fc.oneof(printable, hostile), (value) => {
        expect(unquote(`${quoted(value)} and Id > '0'`)).toEqual({ value, rest: " and Id > '0'" });
      }),
      { numRuns: 2000 },
    );
  });

  it('with a control character is refused: a URL would lose it silently', () => {
    for (const text of ['a\nb', 'a\tb', '\u0000', '\ud800']) expect(() => quoted(text)).toThrow();
  });

  it('cannot end the text and go on as a query', () => {
    expect(quoted("x\\' and Id > '0")).toBe("'x\\\\\\' and Id > \\'0'");
    expect(inList(['1', "2'"])).toBe("('1', '2\\'')");
  });
});

describe('on the wire', () => {
  useNock();

  it('the SDK carries every value unharmed to the server', async () => {
    const seen: string[] = [];
    nock(API)
      .persist()
      .get(`/v3/company/${REALM}/query`)
      .query(true)
      .reply((uri) => {
        seen.push(new URL(uri, API).searchParams.get('query') ?? '');
        return [200, { QueryResponse: {} }];
      });
    const sdk = openSdk(API, REALM, TOKEN);
    await fc.assert(
      fc.asyncProperty(fc.oneof(printable, hostile), async (value) => {
        const criteria = criteriaText({
          where: [`DisplayName = ${quoted(value)}`],
          startPosition: 1,
          maxResults: 10,
        });
        await new Promise<void>((resolve) => {
          const done: Callback = () => {
            resolve();
          };
          sdk.findCustomers(criteria, done);
        });
        expect(seen.at(-1)).toBe(`select * from customer${criteria}`);
      }),
      { numRuns: 150 },
    );
  });
});

it('an instant is written in UTC, without an offset whose + would become a space', () => {
  expect(instantText(new Date('2026-04-07T12:51:28-07:00'))).toBe('2026-04-07T19:51:28Z');
});
