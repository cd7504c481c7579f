import type { CaughtMail } from '../../src/demo/mail-catcher.ts';
import { NOW } from './support.ts';

/** One message in the demo's mailbox, whose sender was up to no good. */
export function caughtMail(): CaughtMail[] {
  return [
    {
      id: 1,
      envelope: { from: 'accounts@harbour.example', to: ['ap@kauri.example'] },
      messageId: '<1@test>',
      from: 'accounts@harbour.example',
      to: ['ap@kauri.example'],
      subject: 'Overdue <script>alert(1)</script>',
      text: 'Please pay <b>now</b>.',
      html: '<p style="color:#333">Please pay.</p><script>alert(1)</script>',
      attachments: ['INV-001.pdf'],
      receivedAt: new Date(NOW),
      raw: 'Subject: Overdue\r\nX-Odd: <i>\r\n\r\nPlease pay.',
    },
  ];
}
