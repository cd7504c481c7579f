/**
 * Where each flag opens, where it closes again, and where it becomes grave. Opening and closing differ
 * on purpose: between the two a flag stays as it is. Figures are shares, days or counts as named.
 * Severely overdue: opens on day 61, is high from day 91, closes at day 45 or below.
 */
export const THRESHOLDS = {
  /** Exposure as a share of the limit. */
  overLimit: { open: 1, close: 0.95, high: 1.25 },
  nearLimit: { open: 0.85, close: 0.8 },
  /** Age of the oldest open amount in days. */
  severelyOverdue: { open: 60, close: 45, high: 90 },
  /** Share of matured invoices paid late, with the days that make it matter. */
  habituallyLate: { open: 0.5, close: 0.4, openDays: 7, closeDays: 5, high: 30, maturedMin: 4 },
  /** By how many days recent invoices are later than earlier ones. */
  gettingWorse: { open: 10, close: 5, recentOpen: 7, recentClose: 5 },
  /** Share of the promises kept in full. */
  brokenPromise: { open: 0.5, close: 0.75, highCount: 2 },
  /** Of all the book is owed, when at least so many owe it. */
  concentration: { open: 0.25, close: 0.2, high: 0.5, customersMin: 5 },
  /** Exposure in averages of the book, for a customer with few matured invoices or days. */
  newWithExposure: { open: 3, close: 2, openCount: 3, closeCount: 5, days: 180, customersMin: 5 },
  /** Invoices settled for less than was asked, by number and as a share. */
  shortPayer: { open: 3, close: 2, openShare: 0.25, closeShare: 0.15, medium: 0.5 },
  /** Unapplied credit as a share of what is overdue. */
  unappliedCredit: { open: 0.1, close: 0 },
  /** Contested invoices within a year that make it a habit. */
  disputed: { medium: 3 },
  /** Days without an invoice or a payment. */
  dormantBalance: { open: 180, close: 90 },
  /** Grounds to stop: an old debt that is more than a trifle, a breach, promises broken. */
  stop: {
    days: 90,
    closeDays: 60,
    aloneDays: 120,
    materialShare: 0.01,
    use: 1,
    closeUse: 0.95,
    broken: 2,
    grounds: 2,
  },
} as const;
