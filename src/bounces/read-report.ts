/**
 * Reads a delivery report (RFC 3464) out of a mail, also one that somebody forwarded as an attachment.
 * Only what names one of our own messages counts: its Message-ID, from the copy the report returns.
 */
import type { ParsedMail } from 'mailparser';

export interface RecipientReport {
  /** As we wrote it, where the report says so; lower case. */
  address: string;
  /** failed | delayed | delivered | relayed | expanded */
  action: string;
  /** RFC 3463, e.g. 5.1.1. */
  status: string | null;
  /** What the far server said: one line, no control characters. */
  words: string;
}

export interface DeliveryReport {
  /** With its angle brackets. */
  messageId: string;
  recipients: RecipientReport[];
}

/** A mail in a mail in a mail is nobody's honest forward. */
const DEPTH_MAX = 3;
const RECIPIENTS_MAX = 50;
const WORDS_MAX = 200;

/** null: no delivery report about a message with an id. Never throws for what a stranger may send. */
export async function readReport(raw: Buffer, depth = 0): Promise<DeliveryReport | null> {
  const mail = await parse(raw);
  if (mail === null) return null;
  const status = contentOf(mail, 'message/delivery-status');
  if (status !== null) {
    const returned = contentOf(mail, 'message/rfc822') ?? contentOf(mail, 'text/rfc822-headers');
    const messageId = returned === null ? null : messageIdIn(returned);
    const recipients = recipientsIn(status);
    return messageId === null || recipients.length === 0 ? null : { messageId, recipients };
  }
  if (depth >= DEPTH_MAX) return null;
  for (const attachment of mail.attachments) {
    if (attachment.contentType !== 'message/rfc822') continue;
    const report = await readReport(attachment.content, depth + 1);
    if (report !== null) return report;
  }
  return null;
}

async function parse(raw: Buffer): Promise<ParsedMail | null> {
  const { simpleParser } = await import('mailparser');
  try {
    return await simpleParser(raw, {
      keepDeliveryStatus: true,
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipImageLinks: true,
    });
  } catch {
    return null;
  }
}

function contentOf(mail: ParsedMail, contentType: string): string | null {
  const found = mail.attachments.find((attachment) => attachment.contentType === contentType);
  return found === undefined ? null : found.content.toString('utf8');
}

/** Only in the header of the returned message: its body is the debtor's and ours, not the server's. */
function messageIdIn(returned: string): string | null {
  const [header = ''] = returned.replace(/^\s+/, '').split(/\r?\n\r?\n/);
  return (
    fieldsOf(header)
      .get('message-id')
      ?.match(/<[^<>\s]{3,250}>/)?.[0] ?? null
  );
}

function recipientsIn(status: string): RecipientReport[] {
  // The first block is about the report, each further one about a recipient.
  const [, ...blocks] = status.trim().split(/\r?\n[ \t]*\r?\n/);
  return blocks.slice(0, RECIPIENTS_MAX).flatMap((block) => {
    const fields = fieldsOf(block);
    const address = addressOf(fields.get('original-recipient') ?? fields.get('final-recipient'));
    if (address === null) return [];
    const code = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(fields.get('status') ?? '');
    return [
      {
        address,
        action: /^[a-z]+/i.exec(fields.get('action') ?? '')?.[0].toLowerCase() ?? '',
        status: code?.[1] ?? null,
        words: oneLine(fields.get('diagnostic-code') ?? fields.get('status') ?? ''),
      },
    ];
  });
}

/** "rfc822; Ap@Acme.example" */
function addressOf(field: string | undefined): string | null {
  const address = field?.split(';').slice(1).join(';').trim().replace(/^<|>$/g, '').toLowerCase();
  return address !== undefined && /^[^\s<>,;]{1,64}@[^\s<>,;@]{1,190}$/.test(address)
    ? address
    : null;
}

function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? [];
    const key = name?.toLowerCase();
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, value.trim());
  }
  return fields;
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, WORDS_MAX);
}
