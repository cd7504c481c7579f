import { describe, expect, test } from 'vitest';
import { type NoteFacts, noteText } from '../../src/act/note.ts';
import { refOf } from '../../src/store/notes.ts';
import { addDays, day } from '../../src/domain/day.ts';

const SENT = day('2026-06-04');
const REF = '[ref 0a1b2c3d]';

function facts(changes: Partial<NoteFacts> = {}): NoteFacts {
  return {
    stepName: 'Friendly reminder',
    to: ['ap@acme.example'],
    sentOn: SENT,
    numbers: ['INV-7'],
    totalMinor: 120_000,
    currency: 'NZD',
    oldestDueOn: addDays(SENT, -3),
    ...changes,
  };
}

describe('the note of an email', () => {
  test('is one sentence and the reference', () => {
    expect(noteText(facts(), REF)).toBe(
      'Friendly reminder emailed to ap@acme.example on 4 Jun 2026: INV-7, NZD 1,200.00, 3 days overdue. [ref 0a1b2c3d]',
    );
    expect(noteText(facts({ numbers: ['INV-7', 'INV-8', 'INV-9'] }), REF)).toContain(
      'INV-7 and 2 more, NZD 1,200.00, up to 3 days overdue.',
    );
    expect(noteText(facts({ oldestDueOn: addDays(SENT, 5) }), REF)).toContain('NZD 1,200.00. [ref');
  });

  test.each<[string, Partial<NoteFacts>]>([
    [
      'ten long addresses',
      { to: Array.from({ length: 10 }, (_, i) => `a-long-name-${i}@customer.example`) },
    ],
    [
      'one address of 250 characters',
      { to: [`a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.nz`] },
    ],
    ['an endless number and step name', { numbers: ['9'.repeat(400)], stepName: 'S'.repeat(200) }],
  ])('with %s still fits, and keeps its reference whole', (_name, changes) => {
    const text = noteText(facts(changes), REF);
    expect(text.length).toBeLessThanOrEqual(250);
    expect(text.endsWith(` ${REF}`)).toBe(true);
  });

  test('holds no line break or hidden mark of a name', () => {
    const text = noteText(
      facts({ numbers: ['INV\r\n7\u202e'], stepName: 'Friendly\nreminder' }),
      REF,
    );
    expect(text).not.toMatch(/[\r\n\u202e]/);
  });

  test('the reference follows from the action and differs between actions', () => {
    expect(refOf('a')).toBe(refOf('a'));
    expect(refOf('a')).not.toBe(refOf('b'));
    expect(refOf('a')).toMatch(/^\[ref [0-9a-f]{8}\]$/);
  });
});
