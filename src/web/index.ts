/**
 * The web app: server-rendered pages that work without scripts. The order below is the order a
 * request passes: open doors first (health, metrics, webhooks), then the checks, then the signed-in pages.
 */
import cookieParser from 'cookie-parser';
import express from 'express';
import { pinoHttp } from 'pino-http';
import type { App } from '../app.ts';
import type { Log } from '../log.ts';
import { createRender, PUBLIC_FOLDER } from './render.ts';
import { errorHandler, NOT_FOUND, showTrouble, type Web } from './respond.ts';
import { actionRoutes } from './routes/action.ts';
import { bookRoutes } from './routes/book.ts';
import { callbackRoutes, connectRoutes } from './routes/connect.ts';
import { customerRoutes } from './routes/customer.ts';
import { handOverRoutes } from './routes/hand-over.ts';
import { enterRoutes, leaveRoutes, requireSession } from './routes/enter.ts';
import { invoiceRoutes } from './routes/invoice.ts';
import { metricRoutes } from './routes/metrics.ts';
import { mailRoutes } from './routes/mail.ts';
import { operationRoutes } from './routes/operations.ts';
import { portfolioRoutes } from './routes/portfolio.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import {
  createCsrf,
  knownHost,
  knownMethods,
  noStore,
  sameOriginForms,
  secureHeaders,
} from './security.ts';
import type { WebApp } from './web-app.ts';

export { createLoginLink } from './session.ts';
export type { WebApp } from './web-app.ts';

// Approving by hand ticks one box per message: room for ten thousand of them.
const FORM = { extended: false, limit: '1mb', parameterLimit: 10_100 };

/** What a worker without pages answers: is it alive, can it work, how do things stand. */
export function createOperationsWeb(app: App): express.Express {
  const server = express();
  server.disable('x-powered-by');
  server.set('trust proxy', 'loopback');
  server.use(secureHeaders(app.config), knownMethods);
  operationRoutes(server, app);
  server.use((_req, res) => res.status(404).end());
  return server;
}

export function createWeb(app: WebApp): express.Express {
  const csrf = createCsrf(app.config, app.vault);
  const web: Web = { app, render: createRender(), csrf };
  const server = express();
  server.disable('x-powered-by');
  // Behind a proxy on this machine the limiter should see the visitor, not the proxy.
  server.set('trust proxy', 'loopback');

  server.use(secureHeaders(app.config), knownMethods, requestLog(app.log));
  operationRoutes(server, app);
  webhookRoutes(server, web);

  server.use(knownHost(app.config));
  server.use('/assets', express.static(PUBLIC_FOLDER, { index: false, maxAge: '1h' }));
  server.use(noStore, cookieParser(), sameOriginForms);
  enterRoutes(server, web);
  callbackRoutes(server, web);

  server.use(requireSession(web), express.urlencoded(FORM), csrf.doubleCsrfProtection);
  leaveRoutes(server, web);
  portfolioRoutes(server, web);
  connectRoutes(server, web);
  bookRoutes(server, web);
  customerRoutes(server, web);
  handOverRoutes(server, web);
  invoiceRoutes(server, web);
  metricRoutes(server, web);
  actionRoutes(server, web);
  mailRoutes(server, web);

  server.use((req, res) => showTrouble(web, req, res, NOT_FOUND));
  server.use(errorHandler(web));
  return server;
}

/** Method, path and outcome. Never a header, a cookie or a query: those hold tokens and codes. */
function requestLog(log: Log) {
  return pinoHttp({
    logger: log,
    autoLogging: { ignore: (req) => /^\/(healthz|readyz|metrics|assets\/)/.test(req.url ?? '') },
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
    wrapSerializers: false,
    serializers: {
      req: (req: { method?: string; url?: string }) => ({
        method: req.method,
        path: req.url?.split('?')[0],
      }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
  });
}
