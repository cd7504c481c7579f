/**
 * Delivery reports as mail servers write them. All invented: the forms are those of RFC 3464, Postfix,
 * Exim and Exchange as their documentation shows them; no real message was used.
 */
export interface Sample {
  to: string;
  messageId: string;
  action?: string;
  status?: string;
  diagnostic?: string;
}

/** As Postfix writes it: the whole message comes back. */
export function postfixReport(sample: Sample): string {
  const { to, messageId, action = 'failed', status = '5.1.1' } = sample;
  const diagnostic =
    sample.diagnostic ?? `550 5.1.1 <${to}>: Recipient address rejected: User unknown`;
  return crlf(`Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: accounts@harbour.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-Id: <20261123090000.ABC@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B1/relay.example"

This is a MIME-encapsulated message.

--B1/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

<${to}>: host mx.kauri.example said: ${diagnostic}

--B1/relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Postfix-Queue-ID: ABC
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; ${to}
Original-Recipient: rfc822;${to}
Action: ${action}
Status: ${status}
Remote-MTA: dns; mx.kauri.example
Diagnostic-Code: smtp; ${diagnostic}

--B1/relay.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

${original(messageId, to)}
--B1/relay.example--
`);
}

/** As Exchange writes it: headers only, a folded diagnostic, no original recipient. */
export function exchangeReport({ to, messageId, status = '5.1.10' }: Sample): string {
  return crlf(`From: Microsoft Outlook <postmaster@kauri.example>
To: accounts@harbour.example
Subject: Undeliverable: Invoice INV-1001
MIME-Version: 1.0
Content-Type: multipart/report; report-type="delivery-status"; boundary="_x_"

--_x_
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>

--_x_
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.kauri.example

Final-Recipient: rfc822;${to}
Action: failed
Status: ${status}
Diagnostic-Code: smtp;550 ${status} RESOLVER.ADR.RecipientNotFound;
 Recipient not found by SMTP address lookup

--_x_
Content-Type: text/rfc822-headers

From: accounts@harbour.example
To: ${to}
Message-ID: ${messageId}
Subject: Invoice INV-1001

--_x_--
`);
}

/** A report that a person forwarded as an attachment. */
export function forwarded(report: string): string {
  return crlf(`From: Ana <ana@harbour.example>
To: bounces@harbour.example
Subject: Fwd: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="fwd"

--fwd
Content-Type: text/plain

This came back.

--fwd
Content-Type: message/rfc822
Content-Disposition: attachment

`)
    .concat(report)
    .concat('\r\n--fwd--\r\n');
}

export function ordinaryMail(messageId: string): string {
  return crlf(`From: Debtor <ap@kauri.example>
To: accounts@harbour.example
Subject: Re: Invoice INV-1001
In-Reply-To: ${messageId}
Content-Type: text/plain

We paid this on Monday.
`);
}

function original(messageId: string, to: string): string {
  return `Message-ID: ${messageId}
From: Harbour Joinery <accounts@harbour.example>
To: ${to}
Subject: Invoice INV-1001
Content-Type: text/plain

Dear Kauri,
Message-ID: <forged@elsewhere.example>
`;
}

function crlf(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}
