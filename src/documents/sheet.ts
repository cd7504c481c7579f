/**
 * A sheet of paper: measured text, tables whose head returns on every page, and page numbers at the
 * end. It knows points and fonts, and nothing of invoices. The same calls give the same bytes.
 */
import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import { facesOf, type Run, runsOf, type Weight } from './fonts.ts';

const require = createRequire(import.meta.url);

export type Paper = 'A4' | 'LETTER';

export interface SheetOptions {
  paper: Paper;
  title: string;
  author: string;
  /** Stands in the file as its date; nothing else in it depends on a clock. */
  createdAt: Date;
  /** At the foot of every page, left of its number. */
  footer: string;
}

export interface TextStyle {
  size?: number;
  weight?: Weight;
  tone?: Tone;
  /** Space between lines, as a factor of the size. */
  leading?: number;
  align?: 'left' | 'right';
}

export type Tone = keyof typeof TONES;

const TONES = { ink: '#1c2530', quiet: '#5b6773', alarm: '#9a3412', hairline: '#c9d1d9' } as const;

const MARGIN = { left: 56, right: 56, top: 58, bottom: 64 };
const SIZE = 9.5;
const LEADING = 1.42;

export interface Column {
  head: string;
  /** Points, or a share of what is left over. */
  width: number | { share: number };
  align?: 'left' | 'right';
}

export interface Cell {
  text: string;
  /** Smaller and paler, under the text. */
  under?: string;
  tone?: Tone;
  weight?: Weight;
}

export interface TableRow {
  cells: readonly (Cell | string)[];
  /** Totals stand under a line, in bold. */
  isTotal?: boolean;
  /** The first cell may run on over the empty ones that follow it. */
  spansFirst?: boolean;
}

type MeasuredRun = Run & { width: number };

interface Line {
  runs: MeasuredRun[];
  width: number;
}

export class Sheet {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #options: SheetOptions;
  readonly #chunks: Buffer[] = [];
  readonly #finished: Promise<void>;
  readonly #measured = new Map<string, UnitRuns>();
  #y = MARGIN.top;
  #isIncomplete = false;

  constructor(options: SheetOptions) {
    this.#options = options;
    // Loaded with the first sheet: every command would wait for it.
    const Document = require('pdfkit') as typeof PDFDocument;
    this.#pdf = new Document({
      size: options.paper,
      margin: 0,
      bufferPages: true,
      lang: 'en',
      displayTitle: true,
      info: {
        Title: options.title,
        Author: options.author,
        Creator: 'Duebook',
        Producer: 'Duebook',
        CreationDate: options.createdAt,
      },
    });
    for (const weight of ['regular', 'bold'] as const) {
      // pdfkit takes a font that is read already, which its types do not say.
      for (const { name, font } of facesOf(weight)) {
        this.#pdf.registerFont(name, font as unknown as PDFKit.Mixins.PDFFontSource);
      }
    }
    this.#pdf.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    this.#finished = new Promise((resolve) => this.#pdf.on('end', resolve));
  }

  get width(): number {
    return this.#pdf.page.width - MARGIN.left - MARGIN.right;
  }

  get y(): number {
    return this.#y;
  }

  gap(points: number): void {
    this.#y += points;
  }

  moveTo(y: number): void {
    this.#y = y;
  }

  newPage(): void {
    this.#pdf.addPage();
    this.#y = MARGIN.top;
  }

  /** What follows needs this much height together; a new page if it is not there. */
  keepTogether(height: number): void {
    if (this.#y + height > this.#bottom) this.newPage();
  }

  /** Wrapped lines from the current place down, over as many pages as it takes. */
  text(text: string, style: TextStyle = {}, box: { x?: number; width?: number } = {}): void {
    const { size = SIZE, weight = 'regular', leading = LEADING } = style;
    const { x = 0, width = this.width } = box;
    for (const line of this.#wrap(text, size, weight, width)) {
      this.keepTogether(size * leading);
      this.#drawLine(line, MARGIN.left + x, width, { ...style, size });
      this.#y += size * leading;
    }
  }

  /** A label and what it says, beside each other. */
  pair(label: string, value: string, labelWidth: number): void {
    const top = this.#y;
    this.text(label, { tone: 'quiet' }, { width: labelWidth });
    this.#y = top;
    this.text(value, {}, { x: labelWidth, width: this.width - labelWidth });
  }

  heightOf(text: string, style: TextStyle = {}, width = this.width): number {
    const { size = SIZE, weight = 'regular', leading = LEADING } = style;
    return this.#wrap(text, size, weight, width).length * size * leading;
  }

  rule(tone: Tone = 'hairline', weight = 0.6): void {
    const { left } = MARGIN;
    this.#pdf
      .moveTo(left, this.#y)
      .lineTo(left + this.width, this.#y)
      .lineWidth(weight)
      .strokeColor(TONES[tone])
      .stroke();
  }

  /** The head returns on every page; a row is never cut in two, unless it is taller than a page. */
  table(columns: readonly Column[], rows: readonly TableRow[], size = 8.8): void {
    const widths = widthsOf(columns, this.width);
    this.#tableHead(columns, widths, size);
    for (const row of rows) {
      const rowWidths = row.spansFirst === true ? spanned(row, widths) : widths;
      const height = this.#rowHeight(row, rowWidths, size);
      if (this.#y + height > this.#bottom) {
        this.newPage();
        this.#tableHead(columns, widths, size);
      }
      this.#tableRow(row, columns, rowWidths, size, height);
    }
    this.#y += 2;
  }

  /** Page numbers, and the bytes. */
  async end(): Promise<Buffer> {
    const { count } = this.#pdf.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.#pdf.switchToPage(page);
      this.#footer(page + 1, count);
    }
    this.#pdf.end();
    await this.#finished;
    return Buffer.concat(this.#chunks);
  }

  get #bottom(): number {
    return this.#pdf.page.height - MARGIN.bottom;
  }

  #footer(page: number, count: number): void {
    this.#y = this.#bottom + (this.#isIncomplete ? 8 : 18);
    this.rule();
    this.#y += 7;
    const style = { size: 7.5, tone: 'quiet' } as const;
    if (this.#isIncomplete) {
      this.#firstLine('□ stands for a character that this document’s fonts do not hold', style);
      this.#y += 10;
    }
    this.#firstLine(this.#options.footer, style);
    this.#firstLine(`Page ${page} of ${count}`, { ...style, align: 'right' });
  }

  /** A foot has room for one line: what does not fit is not there. */
  #firstLine(text: string, style: TextStyle & { size: number }): void {
    const [line] = this.#wrap(text, style.size, 'regular', this.width - 60);
    if (line !== undefined) this.#drawLine(line, MARGIN.left, this.width, style);
  }

  #tableHead(columns: readonly Column[], widths: readonly number[], size: number): void {
    const style = { size: size - 0.8, tone: 'quiet' } as const;
    this.keepTogether(size * 5);
    this.#cells(
      columns.map(({ head }) => ({ text: head, tone: style.tone })),
      columns,
      widths,
      style.size,
    );
    this.#y += size * LEADING + 2;
    this.rule('quiet', 0.7);
    this.#y += 2;
  }

  #tableRow(
    row: TableRow,
    columns: readonly Column[],
    widths: readonly number[],
    size: number,
    height: number,
  ): void {
    if (row.isTotal === true) this.rule('quiet', 0.7);
    const top = this.#y;
    this.#y += 3.2;
    const cells = row.cells
      .map(cellOf)
      .map((cell): Cell => (row.isTotal === true ? { weight: 'bold', ...cell } : cell));
    this.#cells(cells, columns, widths, size);
    this.#y = top + height;
    if (row.isTotal !== true) this.rule();
  }

  #cells(
    cells: readonly Cell[],
    columns: readonly Column[],
    widths: readonly number[],
    size: number,
  ): void {
    const top = this.#y;
    let x = MARGIN.left;
    cells.forEach((cell, index) => {
      const [width, align] = [widths[index] ?? 0, columns[index]?.align ?? 'left'];
      let y = top;
      for (const { line, style } of this.#cellLines(cell, width - GUTTER, size)) {
        this.#y = y;
        this.#drawLine(line, x, width - GUTTER, { ...style, align });
        y += style.size * 1.32;
      }
      x += width;
    });
    this.#y = top;
  }

  #cellLines(cell: Cell, width: number, size: number) {
    const { text, under, tone = 'ink', weight = 'regular' } = cell;
    const main = { size, tone, weight };
    const small = { size: size - 1.3, tone: 'quiet' as Tone, weight: 'regular' as Weight };
    return [
      ...this.#wrap(text, main.size, main.weight, width).map((line) => ({ line, style: main })),
      ...(under === undefined || under === ''
        ? []
        : this.#wrap(under, small.size, small.weight, width).map((line) => ({
            line,
            style: small,
          }))),
    ];
  }

  #rowHeight(row: TableRow, widths: readonly number[], size: number): number {
    const heights = row.cells
      .map(cellOf)
      .map((cell, index) =>
        this.#cellLines(cell, (widths[index] ?? 0) - GUTTER, size).reduce(
          (sum, { style }) => sum + style.size * 1.32,
          0,
        ),
      );
    return Math.max(...heights) + 7;
  }

  #drawLine(line: Line, x: number, width: number, style: TextStyle): void {
    const { size = SIZE, tone = 'ink', align = 'left' } = style;
    let at = align === 'right' ? x + width - line.width : x;
    this.#pdf.fillColor(TONES[tone]);
    for (const run of line.runs) {
      this.#pdf.font(run.font, size);
      // A baseline of our own: fonts differ in how far their letters hang below the given place.
      this.#pdf.text(run.text, at, this.#y + size, {
        ...shaping(run),
        lineBreak: false,
        baseline: 'alphabetic',
      });
      at += run.width;
    }
  }

  /** Breaks at spaces; a word wider than the line is cut where it must be. */
  #wrap(text: string, size: number, weight: Weight, width: number): Line[] {
    return text
      .split('\n')
      .flatMap((paragraph) => this.#breakParagraph(paragraph, size, weight, width))
      .map((line) => this.#measure(line.trimEnd(), size, weight));
  }

  #breakParagraph(paragraph: string, size: number, weight: Weight, width: number): string[] {
    const measure = (piece: string) => this.#measure(piece, size, weight).width;
    const lines: string[] = [];
    let line = '';
    let used = 0;
    for (const piece of piecesOf(paragraph, (word) => measure(word) > width)) {
      if (line !== '' && used + measure(piece.trimEnd()) > width) {
        lines.push(line);
        [line, used] = ['', 0];
      }
      line += piece;
      used += measure(piece);
    }
    return [...lines, line];
  }

  #measure(text: string, size: number, weight: Weight): Line {
    const { runs, isIncomplete } = this.#unitRuns(text, weight);
    if (isIncomplete) this.#isIncomplete = true;
    const sized = runs.map((run) => ({ ...run, width: run.width * size }));
    return { runs: sized, width: sized.reduce((sum, run) => sum + run.width, 0) };
  }

  /** At one point in size. Words and letters come again and again, so they are remembered. */
  #unitRuns(text: string, weight: Weight): UnitRuns {
    const key = `${weight} ${text}`;
    const known = this.#measured.get(key);
    if (known !== undefined) return known;
    const { runs, isIncomplete } = runsOf(text, weight);
    const measured = {
      runs: runs.map((run) => ({
        ...run,
        width: this.#pdf.font(run.font, UNIT).widthOfString(run.text, shaping(run)) / UNIT,
      })),
      isIncomplete,
    };
    this.#measured.set(key, measured);
    return measured;
  }
}

interface UnitRuns {
  runs: MeasuredRun[];
  isIncomplete: boolean;
}

const UNIT = 1000;
const GUTTER = 8;
const CLUSTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Word by word, as pdfkit does it by itself, Arabic would stand in the wrong order; a named feature makes
// it set the stretch whole. Elsewhere the words are remembered, which is many times as fast.
function shaping(run: Run): PDFKit.Mixins.TextOptions {
  return run.isRightToLeft ? { features: ['kern', 'mark'] } : {};
}

/** Words with the space behind them; one that is too wide falls into its letters. */
function piecesOf(paragraph: string, isTooWide: (word: string) => boolean): string[] {
  const words = paragraph.match(/\S+\s*|\s+/g) ?? [];
  return words.flatMap((word) =>
    isTooWide(word.trimEnd())
      ? Array.from(CLUSTERS.segment(word), ({ segment }) => segment)
      : [word],
  );
}

/** Empty cells give their width to the first. */
function spanned(row: TableRow, widths: readonly number[]): number[] {
  const isEmpty = (index: number) => index > 0 && cellOf(row.cells[index] ?? '').text === '';
  const given = widths.reduce((sum, width, index) => sum + (isEmpty(index) ? width : 0), 0);
  return widths.map((width, index) => (index === 0 ? width + given : isEmpty(index) ? 0 : width));
}

function cellOf(cell: Cell | string): Cell {
  return typeof cell === 'string' ? { text: cell } : cell;
}

function widthsOf(columns: readonly Column[], total: number): number[] {
  const fixed = columns.reduce(
    (sum, { width }) => sum + (typeof width === 'number' ? width : 0),
    0,
  );
  const shares = columns.reduce(
    (sum, { width }) => sum + (typeof width === 'number' ? 0 : width.share),
    0,
  );
  // The last column ends flush with the text: its gutter lies outside.
  const left = total + GUTTER - fixed;
  return columns.map(({ width }) =>
    typeof width === 'number' ? width : (left * width.share) / shares,
  );
}
