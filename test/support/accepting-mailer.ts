/** A mail server's answer without the server: takes everything, and keeps what it took. */
import type { Mailer, OutgoingMail } from '../../src/act/mailer.ts';

export function acceptingMailer(taken: OutgoingMail[] = []): Mailer {
  return {
    async send(mail, hooks) {
      await hooks.beforeContent();
      taken.push(mail);
      return { outcome: 'accepted', response: '250 OK', refused: [] };
    },
    verify: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}
