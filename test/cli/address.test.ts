import { beforeAll, describe, expect, test } from 'vitest';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { commandLine } from './support.ts';

const db = useDatabase();
let world: World;
const duebook = commandLine(() => world);
const book = () => String(world.bookId);

beforeAll(async () => {
  world = await World.open(db(), '2026-06-30');
  await world.customer({ id: 'c1', name: 'Acme Ltd' });
});

describe('duebook address', () => {
  test('sets what stands on letters, shows it, and takes it away again', async () => {
    expect((await duebook('address', book())).out).toBe(
      'Kauri Joinery: no address\nhow to pay: not set',
    );
    const paying = ['--pay-to', 'Bank 12-3456-7890123-00', 'Kauri Joinery Ltd'];
    expect(
      await duebook('address', book(), '--set', '12 Quay Street', 'Nelson', ...paying),
    ).toEqual({
      code: 0,
      out: 'Kauri Joinery: 12 Quay Street, Nelson\nhow to pay: Bank 12-3456-7890123-00, Kauri Joinery Ltd',
      notes: '',
    });
    const theirs = ['--set', '1 Mill Lane', '--legal-form', 'individual'];
    expect((await duebook('address', book(), 'acme', ...theirs)).out).toBe(
      'Acme Ltd: 1 Mill Lane\nlegal form: individual',
    );
    expect((await duebook('address', book(), 'acme', '--remove')).out).toBe(
      'Acme Ltd: no address\nlegal form: individual',
    );
    const row = await db().prisma.book.findUniqueOrThrow({ where: { id: world.bookId } });
    expect(row.postalAddress).toBe('12 Quay Street\nNelson');
    const audit = await db().prisma.audit.findMany({
      where: { bookId: world.bookId },
      orderBy: { id: 'asc' },
    });
    expect(audit.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
      [
        'address.set',
        `book ${book()}`,
        {
          postalAddress: '12 Quay Street\nNelson',
          paymentDetails: 'Bank 12-3456-7890123-00\nKauri Joinery Ltd',
        },
      ],
      ['address.set', 'customer c1', { postalAddress: '1 Mill Lane', legalForm: 'individual' }],
      ['address.set', 'customer c1', { postalAddress: null }],
    ]);
  });

  test.each<[string[], string]>([
    [['BOOK', '--set', ' '], '--set "": should be a line of 1 to 120 characters'],
    [['BOOK', '--set', 'a\nb'], '--set "a\nb": should be a line of 1 to 120 characters'],
    [['BOOK', '--set', ...Array<string>(9).fill('a')], '--set: should be at most 8 lines, not 9'],
    [['BOOK', '--remove', '--set', 'a'], '--set and --remove: one of them, not both'],
    [['BOOK', '--legal-form', 'company'], '--legal-form is a customer’s: name the customer'],
    [['BOOK', 'c1', '--pay-to', 'a'], '--pay-to is the business’s: leave the customer out'],
    [
      ['BOOK', 'c1', '--legal-form', 'trust'],
      '--legal-form trust: should be company or individual',
    ],
  ])('%j is refused in one line', async (args, message) => {
    const given = args.map((arg) => (arg === 'BOOK' ? book() : arg));
    expect(await duebook('address', ...given)).toEqual({ code: 2, out: '', notes: message });
  });
});

test('what a letter lacks is said when it is approved and in the list of tasks, and no longer once it is set', async () => {
  world = await World.open(db(), '2026-06-30', { mode: 'approve' });
  await world.customer({ id: 'c1', name: 'Acme Ltd' });
  await world.follow(
    '',
    'formal, at: 10 days after due, channel: letter, template: letter-formal, fourEyes: true',
  );
  await world.invoice({ id: 'i1', customer: 'c1', due: '2026-06-01' });
  await world.live('2026-06-30');
  const command = `duebook address ${book()} c1 --set`;
  const first = await duebook('approve', book(), '--all', '--as', 'Ann');
  expect(first.notes).toContain(`The letter has no address of Acme Ltd: \`${command}`);
  await duebook('address', book(), 'c1', '--set', '1 Mill Lane');
  const second = await duebook('approve', book(), '--all', '--as', 'Ben');
  expect(second.out).toContain('1 approved');
  expect(second.notes).not.toContain(command);
  expect((await duebook('task', 'list', book())).out).toContain(
    `The letter does not say how to pay: \`duebook address ${book()} --pay-to`,
  );
  await duebook('address', book(), '--set', 'Quay', '--pay-to', 'Bank 12');
  expect((await duebook('task', 'list', book())).out).not.toContain('duebook address');
});
