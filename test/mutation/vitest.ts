/** What the tests of the rules use of vitest, for tests that are run again and again in one process. */
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';
import fc from 'fast-check';

export interface KnownTest {
  id: string;
  run: () => unknown;
}

type Body = (...row: unknown[]) => unknown;

let found: KnownTest[] = [];

// eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is named property by property
fc.configureGlobal({ interruptAfterTimeLimit: 250, endOnFailure: true });

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
chai.use(({ Assertion }, utils) => {
  // The one kind there is among these tests: a list of texts, each on a line of its own.
  const matches = function (this: { _obj: unknown }, snapshot: string): void {
    const lines = snapshot.split('\n').map((line) => line.trim());
    const texts = lines.filter((line) => line.startsWith('"')).map((line) => line.slice(1, -2));
    chai.expect(this._obj).to.deep.equal(texts);
  };
  utils.addMethod(Assertion.prototype, 'toMatchInlineSnapshot', matches);
});

export const expect = Object.assign(chai.expect, { assertions: () => undefined });

let place: readonly string[] = [];

/** The tests a file names while it is loaded. */
export async function testsIn(file: string, load: () => Promise<unknown>): Promise<KnownTest[]> {
  place = [file];
  found = [];
  await load();
  return found;
}

export const describe = withEach((name, body) => {
  const outside = place;
  place = [...outside, name];
  body();
  place = outside;
});

export const test = withEach((name, body) => {
  found.push({ id: [...place, found.length, name].join(' '), run: body });
});

function withEach(define: (name: string, body: Body) => void) {
  const each = (rows: readonly unknown[]) => (name: string, body: Body) => {
    rows.forEach((row, index) => {
      const values: unknown[] = Array.isArray(row) ? row : [row];
      define(`${name} ${index}`, () => body(...values));
    });
  };
  return Object.assign(define, { each });
}
