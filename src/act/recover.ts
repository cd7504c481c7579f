/**
 * What a process left behind when it ended. A dead lease before the handover means nothing left the
 * building, and the action is planned again. A dead lease in the handover means the mail server may
 * have the message: only a person can say, from what is written here.
 */
import type { BookId } from '../domain/receivables.ts';
import type { ClaimDeps } from './claim.ts';
import { moveAction } from './states.ts';

export interface Recovered {
  returned: number;
  inDoubt: number;
}

export async function recover(deps: ClaimDeps, bookId: BookId): Promise<Recovered> {
  const at = deps.clock.now();
  const dead = await deps.db.prisma.action.findMany({
    where: { bookId, state: { in: ['claimed', 'handing_over'] }, leaseUntil: { lte: at } },
    select: {
      id: true,
      state: true,
      attemptId: true,
      attempts: true,
      message: { select: { handedOverAt: true } },
    },
  });
  const recovered: Recovered = { returned: 0, inDoubt: 0 };
  for (const { id: actionId, state, attemptId, attempts, message } of dead) {
    const guard = { bookId, actionId, at, ...(attemptId === null ? {} : { attemptId }) };
    if (state === 'claimed') {
      const isMoved = await moveAction(deps.db.prisma, {
        ...guard,
        from: ['claimed'],
        to: 'planned',
        set: {
          attemptId: null,
          leaseUntil: null,
          stateReason: 'An earlier attempt was cut short.',
        },
      });
      if (isMoved) recovered.returned += 1;
    } else {
      const since = message?.handedOverAt?.toISOString() ?? 'an unknown time';
      const isMoved = await moveAction(deps.db.prisma, {
        ...guard,
        from: ['handing_over'],
        to: 'in_doubt',
        set: {
          leaseUntil: null,
          stateReason: `The handover began at ${since} (attempt ${attempts}) and its end was never recorded: the mail server may have taken the message.`,
        },
      });
      if (isMoved) recovered.inDoubt += 1;
    }
  }
  return recovered;
}
