/** All books on one page. */
import type { Express } from 'express';
import { readPortfolio } from '../queries/portfolio.ts';
import { showPage, type Web } from '../respond.ts';
import { portfolioView } from '../views/portfolio.ts';
import { PLATFORM_WORDS } from '../views/words.ts';

export function portfolioRoutes(server: Express, web: Web): void {
  server.get('/', async (req, res) => {
    const books = await readPortfolio(web.app.db, web.app.clock.now());
    const connects = (['xero', 'quickbooks'] as const)
      .filter((platform) => web.app.platforms[platform] !== undefined)
      .map((platform) => ({ platform, name: PLATFORM_WORDS[platform] }));
    showPage(web, req, res, 'portfolio', portfolioView(books, connects), { title: 'Books' });
  });
}
