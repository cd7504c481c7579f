/** One figure of a book, opened: its formula in words, what it includes, and the rows behind it. */
import type { Express } from 'express';
import { z } from 'zod';
import { dayIn } from '../../domain/day.ts';
import { findMetric } from '../../domain/metrics/registry.ts';
import { AccessError } from '../../errors.ts';
import { contextOf, measureBook } from '../../measure/measure-book.ts';
import { getBook, readParam } from '../params.ts';
import { showPage, type Web } from '../respond.ts';
import { metricView } from '../views/metrics.ts';
import { crumbsTo } from './book.ts';

const MetricId = z.string().regex(/^[a-z-]{1,40}$/);

export function metricRoutes(server: Express, web: Web): void {
  server.get('/books/:bookId/metrics/:metric', async (req, res) => {
    const book = await getBook(web, req);
    const metric = findMetric(readParam(req, 'metric', MetricId));
    if (metric === undefined) throw new AccessError('not_found', 'no such metric');
    const now = web.app.clock.now();
    const context = contextOf(dayIn(book.timeZone, now));
    const [measured] = await measureBook(web.app.db, book.id, context, [metric]);
    const view = metricView(book, metric, measured?.figures ?? [], context, now);
    showPage(web, req, res, 'metric', view, { title: metric.name, crumbs: crumbsTo(book) });
  });
}
