import { beforeAll, describe, expect, test } from 'vitest';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { commandLine } from './support.ts';

const db = useDatabase();
let world: World;

beforeAll(async () => {
  world = await World.open(db(), '2026-06-30');
  await world.customer({ id: 'c1', name: 'Acme Ltd' });
  await world.customer({ id: 'c2', name: 'Bravo Ltd' });
  await world.invoice({ id: 'i1', customer: 'c1', due: '2026-04-01', amount: 36_500 });
  await world.invoice({
    id: 'i2',
    customer: 'c1',
    due: '2026-05-01',
    status: 'paid',
    paid: '2026-04-01',
  });
  await world.invoice({ id: 'i3', customer: 'c2', due: '2026-07-10' });
});

const duebook = commandLine(() => world);
const book = () => String(world.bookId);

async function audit(): Promise<unknown[]> {
  const rows = await db().prisma.audit.findMany({
    where: { bookId: world.bookId },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }));
}

describe('limits and ratings', () => {
  test('are set by people, dated, and written to the audit log', async () => {
    expect(
      await duebook('limit', book(), 'acme', '300', '--insured', '200.50', '--until', '2026-12-31'),
    ).toEqual({
      code: 0,
      out: 'Acme Ltd: NZD 300.00 from 30 Jun 2026 to 31 Dec 2026',
      notes: '',
    });
    expect(
      (await duebook('limit', book(), 'all', '5000', '--currency', 'AUD', '--from', '2026-01-01'))
        .out,
    ).toBe('Every customer without a limit: AUD 5,000.00 from 1 Jan 2026');
    expect(
      (await duebook('rating', book(), 'acme', 'B+', '--source', 'Bureau', '--on', '2026-06-01'))
        .out,
    ).toBe('Acme Ltd: B+ by Bureau on 1 Jun 2026');
    expect(await audit()).toEqual([
      {
        actor: 'command line',
        action: 'limit.set',
        subject: 'customer c1',
        detail: {
          currency: 'NZD',
          amountMinor: 30_000,
          insuredMinor: 20_050,
          fromOn: '2026-06-30',
          untilOn: '2026-12-31',
        },
      },
      {
        actor: 'command line',
        action: 'limit.set',
        subject: 'every customer',
        detail: {
          currency: 'AUD',
          amountMinor: 500_000,
          insuredMinor: null,
          fromOn: '2026-01-01',
          untilOn: null,
        },
      },
      {
        actor: 'command line',
        action: 'rating.set',
        subject: 'customer c1',
        detail: { grade: 'B+', source: 'Bureau', ratedOn: '2026-06-01' },
      },
    ]);
  });

  test.each<[string[], string]>([
    [
      ['limit', 'acme', '1.234'],
      'the limit "1.234": should be an amount of NZD with at most 2 decimals',
    ],
    [['limit', 'acme', '1', '--currency', 'QQQ'], '"QQQ" is no currency'],
    [
      ['limit', 'acme', '1', '--insured', '2'],
      'what is insured is zero or more, and not above the limit',
    ],
    [['limit', 'acme', '1', '--insured', 'x'], '--insured "x": should be an amount of NZD'],
    [
      ['limit', 'acme', '1', '--until', '2026-06-29'],
      'a limit from 2026-06-30 cannot end on 2026-06-29',
    ],
    [
      ['limit', 'acme', '1', '--from', '30.6.2026'],
      '--from 30.6.2026: should be a day written YYYY-MM-DD',
    ],
    [['limit', 'acme', '--', '-1'], 'a limit is zero or more'],
    [['limit', 'zeta', '1'], 'no customer is called "zeta"'],
    [['rating', 'acme', ' ', '--source', 'Bureau'], 'a rating needs a grade'],
    [['rating', 'acme', 'A', '--source', ''], 'a rating needs whose it is'],
    [
      ['rating', 'acme', 'A', '--source', 'x', '--on', '2026-07-01'],
      '--on 2026-07-01 has not come',
    ],
  ])('%j is refused and changes nothing', async ([command = '', ...args], message) => {
    const before = await audit();
    const { code, notes } = await duebook(command, book(), ...args);
    expect(notes).toContain(message);
    expect(code).toBe(2);
    expect(await audit()).toEqual(before);
  });
});

describe('duebook risk', () => {
  test('before anybody was assessed says what to do', async () => {
    expect((await duebook('risk', book())).notes).toContain('nobody was assessed yet');
    expect(await duebook('risk', book(), 'bravo')).toMatchObject({ code: 2 });
  });

  test('lists the worst first, and tells one customer whole', async () => {
    await world.assess('2026-06-30');
    const list = await duebook('risk', book());
    expect(list.out.split('\n')[0]).toMatch(/^ *\d+ E {2}Acme Ltd \(new\): .*over limit/);
    expect(list.out.split('\n')[1]).toMatch(/Bravo Ltd \(new\)$/);
    const { out } = await duebook('risk', book(), 'acme');
    expect(out).toContain('(100 is best), grade');
    expect(out).toContain('Segment: new. 1 invoice fell due within a year: too few to tell.');
    expect(out).toContain('Rated B+ by Bureau on 1 Jun 2026.');
    expect(out).toContain('Exposure NZD 365.00: NZD 365.00 open, NZD 365.00 of it overdue.');
    expect(out).toContain(
      'Limit NZD 300.00 (set for this customer), 122 % used, exceeded by NZD 65.00; NZD 200.50 insured, NZD 164.50 not covered.',
    );
    expect(out).toContain(
      'over limit (medium): Exposure of NZD 365.00 is 122 % of the limit of NZD 300.00.',
    );
    expect(out).toMatch(
      / 2 of 20 {2}oldest overdue: .* 3 more if nothing were overdue by more than 60 days/,
    );
    expect(out).toContain('I2 was paid on 1 Apr 2026, before it was issued on 11 Apr 2026.');
  });

  test('as JSON: the list and the whole', async () => {
    const { out } = await duebook('risk', book(), '--json');
    expect(
      out.split('\n').map((line) => (JSON.parse(line) as { customerId: string }).customerId),
    ).toEqual(['c1', 'c2']);
    const whole = JSON.parse((await duebook('risk', book(), 'c1', '--json')).out) as Record<
      string,
      unknown
    >;
    expect(whole).toMatchObject({
      customerId: 'c1',
      grade: 'E',
      segment: 'new',
      detail: { contradictionCount: 1 },
    });
  });
});
