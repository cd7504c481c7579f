import { describe, expect, test } from 'vitest';
import {
  type Bounce,
  type BounceKind,
  bounceKind,
  deadAddresses,
} from '../../src/domain/bounces.ts';
import { day } from '../../src/domain/day.ts';

describe('what a report means', () => {
  test.each([
    ['failed', '5.1.1', 'hard'],
    ['failed', '5.1.10', 'hard'],
    ['failed', '5.2.1', 'hard'],
    ['failed', '5.0.0', 'hard'],
    ['failed', '5.2.2', 'soft'],
    ['failed', '5.2.3', 'soft'],
    ['failed', '5.3.4', 'soft'],
    ['failed', '5.4.4', 'soft'],
    ['failed', '5.5.0', 'soft'],
    ['failed', '5.6.1', 'soft'],
    ['failed', '5.7.1', 'soft'],
    ['failed', '5.7.26', 'soft'],
    ['failed', '4.2.2', 'soft'],
    ['failed', null, 'soft'],
    // It says both that it failed and that it arrived: nothing to hold against an address.
    ['failed', '2.1.5', null],
    ['delayed', '4.4.1', null],
    ['delivered', '2.0.0', null],
    ['relayed', '2.0.0', null],
    ['expanded', null, null],
  ] as const)('%s %s is %s', (action, status, kind) => {
    expect(bounceKind({ action, status })).toBe(kind);
  });
});

describe('an address is not written to again', () => {
  const AP = 'ap@kauri.example';
  const came = (kind: BounceKind, address: string, ...days: string[]): Bounce[] =>
    days.map((on) => ({ address, kind, on: day(on) }));

  test.each([
    ['never came back', [], []],
    ['one hard', came('hard', AP, '2026-06-01'), [AP]],
    ['two soft', came('soft', AP, '2026-06-01', '2026-06-02'), []],
    ['three soft in 30 days', came('soft', AP, '2026-06-01', '2026-06-15', '2026-06-30'), [AP]],
    ['three soft in 31 days', came('soft', AP, '2026-06-01', '2026-06-15', '2026-07-01'), []],
    ['three soft on one day', came('soft', AP, '2026-06-01', '2026-06-01', '2026-06-01'), [AP]],
    [
      'three soft, long before the latest',
      came('soft', AP, '2026-01-01', '2026-01-08', '2026-01-20', '2026-06-30'),
      [AP],
    ],
    [
      'the third was another’s',
      [
        ...came('soft', AP, '2026-06-01', '2026-06-02'),
        ...came('soft', 'cfo@kauri.example', '2026-06-03'),
      ],
      [],
    ],
    [
      'a hard one of another’s',
      [...came('hard', 'cfo@kauri.example', '2026-06-01'), ...came('soft', AP, '2026-06-02')],
      ['cfo@kauri.example'],
    ],
  ])('%s', (_what, bounces, dead) => {
    expect(deadAddresses(bounces)).toEqual(dead);
    expect(deadAddresses(bounces.toReversed())).toEqual(dead);
  });

  test('and each is named once, in the order of the alphabet', () => {
    const bounces = [
      ...came('hard', 'zoe@kauri.example', '2026-06-01', '2026-06-02'),
      ...came('hard', 'ann@kauri.example', '2026-06-03'),
    ];
    expect(deadAddresses(bounces)).toEqual(['ann@kauri.example', 'zoe@kauri.example']);
  });
});
