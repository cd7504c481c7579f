/** What a reader finds in a PDF: its lines of text, page by page, and where each piece stands. */
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

export interface PlacedText {
  text: string;
  /** Points from the left edge, and to where the text ends. */
  x: number;
  right: number;
  /** Points from the bottom. */
  y: number;
}

export interface PdfPage {
  width: number;
  height: number;
  pieces: PlacedText[];
  /** Pieces of one height joined from left to right. */
  lines: string[];
}

export async function readPdf(bytes: Buffer): Promise<PdfPage[]> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0, useSystemFonts: false });
  const document = await task.promise;
  const pages: PdfPage[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { width, height } = page.getViewport({ scale: 1 });
    const { items } = await page.getTextContent();
    const pieces = items
      .filter((item) => 'str' in item)
      .filter((item) => item.str.trim() !== '')
      .map((item) => {
        const [, , , , x, y] = item.transform as number[];
        return { text: item.str, x: x ?? 0, right: (x ?? 0) + item.width, y: y ?? 0 };
      });
    pages.push({ width, height, pieces, lines: linesOf(pieces) });
  }
  await task.destroy();
  return pages;
}

function linesOf(pieces: readonly PlacedText[]): string[] {
  const byHeight = new Map<number, PlacedText[]>();
  for (const piece of pieces) {
    const key = Math.round(piece.y * 2);
    const line = byHeight.get(key) ?? [];
    byHeight.set(key, [...line, piece]);
  }
  return [...byHeight.entries()]
    .sort(([a], [b]) => b - a)
    .map(([, line]) =>
      line
        .toSorted((a, b) => a.x - b.x)
        .map(({ text }) => text.trim())
        .join(' | '),
    );
}
