/** The message of an action: the one that was handed to the mail server, or else a preview made now. */
import { z } from 'zod';
import { previewAction } from '../act/index.ts';
import type { BookId } from '../domain/receivables.ts';
import { AppError } from '../errors.ts';
import type { ActionPage } from './queries/action.ts';
import type { WebApp } from './web-app.ts';

interface Letter {
  from: string | null;
  to: string[];
  subject: string;
  text: string;
  html: string;
  attachments: string[];
  /** Exactly what left, or a preview of what would leave now. */
  isFinal: boolean;
  smtpResponse: string | null;
}

export type LetterOrProblem = { letter: Letter } | { problem: string };

/** A message that cannot be made (nobody to send it to, a broken template) says why in its place. */
export async function readLetter(
  app: WebApp,
  bookId: BookId,
  action: Pick<ActionPage, 'id' | 'message'>,
): Promise<LetterOrProblem> {
  const { message } = action;
  if (message !== null) {
    return {
      letter: {
        from: message.fromAddress,
        to: message.toAddresses,
        subject: message.subject,
        text: message.text,
        html: message.html,
        attachments: namesOf(message.attachments),
        isFinal: true,
        smtpResponse: message.smtpResponse,
      },
    };
  }
  try {
    const preview = await previewAction(app, bookId, action.id);
    const { from, to, subject, text, html, attachments } = preview;
    return {
      letter: {
        from: from === null ? null : `${from.name} <${from.address}>`,
        to,
        subject,
        text,
        html,
        attachments,
        isFinal: false,
        smtpResponse: null,
      },
    };
  } catch (err) {
    if (err instanceof AppError) return { problem: err.userMessage };
    throw err;
  }
}

/** As stored with the message: [{ filename }] or names. */
function namesOf(attachments: unknown): string[] {
  const Names = z.array(z.union([z.string(), z.object({ filename: z.string() })]));
  const parsed = Names.safeParse(attachments);
  if (!parsed.success) return [];
  return parsed.data.map((entry) => (typeof entry === 'string' ? entry : entry.filename));
}
