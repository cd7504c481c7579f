/** The words that stand for states, and the tone (a colour) that only ever stands beside them. */
import type { AgingInCurrency } from '../queries/sql.ts';

export interface Word {
  text: string;
  tone: 'bad' | 'due' | 'held' | 'good' | 'plain';
}

const ACTION_STATES: Readonly<Record<string, Word>> = {
  proposed: { text: 'waits for approval', tone: 'due' },
  planned: { text: 'will be sent', tone: 'plain' },
  claimed: { text: 'being sent', tone: 'plain' },
  handing_over: { text: 'being sent', tone: 'plain' },
  deferred: { text: 'put off by the mail server', tone: 'due' },
  sent: { text: 'sent', tone: 'good' },
  rejected: { text: 'refused by the mail server', tone: 'bad' },
  cancelled: { text: 'cancelled', tone: 'plain' },
  in_doubt: { text: 'in doubt', tone: 'bad' },
  todo: { text: 'to do', tone: 'due' },
  done: { text: 'done', tone: 'good' },
};

const OUTCOMES: Readonly<Record<string, Word>> = {
  remind: { text: 'reminder', tone: 'due' },
  task: { text: 'task', tone: 'due' },
  wait: { text: 'wait', tone: 'plain' },
  hold: { text: 'on hold', tone: 'held' },
  none: { text: 'nothing to do', tone: 'plain' },
};

const INVOICE_STATUSES: Readonly<Record<string, Word>> = {
  draft: { text: 'draft', tone: 'plain' },
  open: { text: 'open', tone: 'due' },
  paid: { text: 'paid', tone: 'good' },
  voided: { text: 'voided', tone: 'plain' },
  deleted: { text: 'deleted', tone: 'plain' },
};

const CHANNELS: Readonly<Record<string, string>> = {
  email: 'Email',
  call: 'Call',
  letter: 'Letter',
  formal_notice: 'Formal notice',
  task: 'Internal task',
  hand_over: 'Hand over',
};

export const MODE_WORDS = {
  shadow: {
    name: 'Shadow',
    sentence: 'Every decision is shown here. Nothing leaves, nothing is written to the ledger.',
  },
  approve: {
    name: 'Approve',
    sentence: 'Each message waits here until a person approves it.',
  },
  automatic: {
    name: 'Automatic',
    sentence:
      'Messages leave by themselves as the policy says, except the steps the policy keeps for approval.',
  },
} as const;

export const PLATFORM_WORDS = { xero: 'Xero', quickbooks: 'QuickBooks' } as const;

const plain = (text: string): Word => ({ text: text.replaceAll('_', ' '), tone: 'plain' });

export const actionState = (state: string): Word => ACTION_STATES[state] ?? plain(state);
export const outcomeWord = (outcome: string): Word => OUTCOMES[outcome] ?? plain(outcome);
export const invoiceStatus = (status: string): Word => INVOICE_STATUSES[status] ?? plain(status);
export const channelWord = (channel: string): string =>
  CHANNELS[channel] ?? channel.replaceAll('_', ' ');

/** over_limit → "over limit" */
export const codeWords = (code: string): string => code.replace(/[_-]/g, ' ');

export function severityTone(severity: string): Word['tone'] {
  if (severity === 'high') return 'bad';
  return severity === 'medium' ? 'due' : 'plain';
}

export function daysLateText(days: number): string {
  if (days <= 0) return '';
  return days === 1 ? '1 day late' : `${days} days late`;
}

export interface AgingView {
  currency: string;
  openMinor: number;
  overdueMinor: number;
  parts: {
    key: string;
    label: string;
    amountMinor: number;
    share: number;
    x: string;
    width: string;
  }[];
}

const BUCKETS = [
  ['current', 'Not yet due'],
  ['days30', '1–30 days late'],
  ['days60', '31–60'],
  ['days90', '61–90'],
  ['older', 'Over 90'],
] as const;

/** The one stacked bar: each part with its place in per cent of the whole. */
export function agingView(aging: AgingInCurrency): AgingView {
  let x = 0;
  const parts = BUCKETS.map(([key, label]) => {
    const share = aging.open > 0 ? aging[key] / aging.open : 0;
    const part = {
      key,
      label,
      amountMinor: aging[key],
      share,
      x: percent(x),
      width: percent(share),
    };
    x += share;
    return part;
  });
  return { currency: aging.currency, openMinor: aging.open, overdueMinor: aging.overdue, parts };
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;
