/** The demo's caught mail: what real debtors would have received. Anywhere else these pages do not exist. */
import type { Express, Request } from 'express';
import { z } from 'zod';
import type { CaughtMail } from '../../demo/mail-catcher.ts';
import { AccessError } from '../../errors.ts';
import { pageNumber, readParam } from '../params.ts';
import { sendMessageFrame, showPage, type Web } from '../respond.ts';

const MAILS_PER_PAGE = 100;
const MailNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);

export function mailRoutes(server: Express, web: Web): void {
  server.get('/mail', (req, res) => {
    const mails = caught(web).toReversed();
    const page = pageNumber(req);
    const pages = Math.max(1, Math.ceil(mails.length / MAILS_PER_PAGE));
    const view = {
      total: mails.length,
      mails: mails.slice((page - 1) * MAILS_PER_PAGE, page * MAILS_PER_PAGE).map(mailRow),
      page,
      pages,
      previous: page > 1 ? `/mail?page=${page - 1}` : null,
      next: page < pages ? `/mail?page=${page + 1}` : null,
    };
    showPage(web, req, res, 'mails', view, {
      title: 'Caught mail',
      crumbs: [{ href: '/', name: 'Books' }],
    });
  });

  server.get('/mail/:mailId', (req, res) => {
    const mail = getMail(web, req);
    const view = {
      ...mailRow(mail),
      text: mail.text,
      headers: headersOf(mail.raw),
      attachments: mail.attachments,
    };
    showPage(web, req, res, 'mail', view, {
      title: mail.subject,
      crumbs: [
        { href: '/', name: 'Books' },
        { href: '/mail', name: 'Caught mail' },
      ],
    });
  });

  server.get('/mail/:mailId/html', (req, res) => {
    sendMessageFrame(res, getMail(web, req).html ?? '');
  });
}

function caught(web: Web): CaughtMail[] {
  if (web.app.caughtMail === undefined)
    throw new AccessError('not_found', 'no mail is caught here');
  return web.app.caughtMail();
}

function getMail(web: Web, req: Request): CaughtMail {
  const id = readParam(req, 'mailId', MailNumber);
  const mail = caught(web).find((candidate) => candidate.id === id);
  if (mail === undefined) throw new AccessError('not_found', `no mail ${id}`);
  return mail;
}

function mailRow(mail: CaughtMail) {
  return {
    id: mail.id,
    from: mail.from,
    to: mail.envelope.to.join(', '),
    subject: mail.subject,
    receivedAt: mail.receivedAt,
    hasHtml: mail.html !== null,
    attachmentCount: mail.attachments.length,
  };
}

function headersOf(raw: string): string {
  return raw.split(/\r?\n\r?\n/, 1)[0] ?? '';
}
