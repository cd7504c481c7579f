/**
 * What the platforms call. Verified over the raw bytes, kept, answered; the ledger is asked later,
 * by a job. Xero wants 200 or 401 within five seconds, empty and without cookies, and switches a
 * webhook off after a day of anything else; Intuit wants its answer within three.
 */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { recordWebhook } from '../../connect/webhooks.ts';
import type { Platform } from '../../domain/receivables.ts';
import { requestSyncs } from '../request-syncs.ts';
import type { Web } from '../respond.ts';

const SIGNATURE_HEADER: Record<Platform, string> = {
  xero: 'x-xero-signature',
  quickbooks: 'intuit-signature',
};

// Any content type: Intuit sends application/cloudevents+json. Compressed bodies are refused, nobody sends them.
const rawBody = express.raw({ type: () => true, limit: '1mb', inflate: false });

export function webhookRoutes(server: Express, web: Web): void {
  for (const platform of ['xero', 'quickbooks'] as const) {
    server.post(`/webhooks/${platform}`, rawBody, receive(web, platform), answerEmpty(web));
  }
}

function receive(web: Web, platform: Platform): RequestHandler {
  return async (req, res) => {
    const connector = web.app.platforms[platform];
    if (connector === undefined) {
      res.status(404).end();
      return;
    }
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const signature = req.headers[SIGNATURE_HEADER[platform]];
    if (!connector.verifyWebhook(body, typeof signature === 'string' ? signature : undefined)) {
      res.status(401).end();
      return;
    }
    const bookIds = await recordWebhook(web.app, platform, connector.webhookHints(body));
    res.status(200).end();
    await requestSyncs(web.app, bookIds);
  };
}

function answerEmpty(web: Web): ErrorRequestHandler {
  return (err: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(err);
      return;
    }
    const status = (err as { status?: unknown } | null)?.status;
    const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
    if (!isTheirs) web.app.log.error({ err }, 'a webhook could not be kept');
    res.status(isTheirs ? status : 500).end();
  };
}
