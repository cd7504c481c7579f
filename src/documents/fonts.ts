/**
 * The letters of a document. Noto Sans (OFL 1.1) carries Latin, Greek and Cyrillic with figures of one
 * width; DejaVu Sans (free, derived from Bitstream Vera) carries Arabic, Hebrew, Armenian, Georgian and
 * signs. Both are embedded, so a document looks the same everywhere and for ever. A character that
 * neither holds (Chinese, Japanese, Korean, emoji) is shown as □, and the document says so.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as fontkit from 'fontkit';

export type Weight = 'regular' | 'bold';

/** A stretch of text in one font, and in one direction. */
export interface Run {
  font: string;
  text: string;
  isRightToLeft: boolean;
}

interface Face {
  name: string;
  font: fontkit.Font;
}

const FILES: Readonly<Record<Weight, readonly string[]>> = {
  regular: [
    '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf',
    'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  ],
  bold: [
    '@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf',
    'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
  ],
};

export const MISSING = '□';

const require = createRequire(import.meta.url);
const faces = new Map<Weight, Face[]>();

/** Read once per process: parsing takes longer than writing a letter. */
export function facesOf(weight: Weight): readonly Face[] {
  const known = faces.get(weight);
  if (known !== undefined) return known;
  // Loaded with the first document: every command would wait for it.
  const { create } = require('fontkit') as typeof fontkit;
  const read = FILES[weight].map((file, index) => ({
    name: `${weight}-${index}`,
    font: create(readFileSync(require.resolve(file))) as fontkit.Font,
  }));
  faces.set(weight, read);
  return read;
}

export interface Runs {
  runs: Run[];
  isIncomplete: boolean;
}

// Right-to-left letters, and what stands between two of them.
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const RTL_STRETCH = new RegExp(`${RTL.source}(?:[\\s\\p{P}]*${RTL.source})*`, 'gu');

/** Cut where the font or the direction changes; what no font holds becomes □. */
export function runsOf(text: string, weight: Weight): Runs {
  const runs: Run[] = [];
  let isIncomplete = false;
  for (const stretch of stretchesOf(text)) {
    const isRightToLeft = RTL.test(stretch);
    let startsNew = true;
    for (const cluster of clustersOf(stretch)) {
      const face = faceFor(cluster, weight);
      if (face === null) isIncomplete = true;
      const [font, shown] =
        face === null ? [facesOf(weight)[1]?.name ?? '', MISSING] : [face.name, cluster];
      const last = runs.at(-1);
      if (!startsNew && last?.font === font) last.text += shown;
      else runs.push({ font, text: shown, isRightToLeft });
      startsNew = false;
    }
  }
  return { runs, isIncomplete };
}

function stretchesOf(text: string): string[] {
  const stretches: string[] = [];
  let at = 0;
  for (const match of text.matchAll(RTL_STRETCH)) {
    if (match.index > at) stretches.push(text.slice(at, match.index));
    stretches.push(match[0]);
    at = match.index + match[0].length;
  }
  if (at < text.length) stretches.push(text.slice(at));
  return stretches;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What a reader sees as one character: a letter with its marks, a flag, a family of four. */
function clustersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

// Joiners and variation selectors shape their neighbours and show nothing themselves.
const INVISIBLE = /[\u200c\u200d\ufe00-\ufe0f]/g;

const found = new Map<string, Face | null>();

function faceFor(cluster: string, weight: Weight): Face | null {
  const key = `${weight} ${cluster}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const face = searchFace(cluster, weight);
  // A few thousand different characters are every book there is; somebody feeding us more gets no memory for it.
  if (found.size < FOUND_MAX) found.set(key, face);
  return face;
}

const FOUND_MAX = 10_000;

function searchFace(cluster: string, weight: Weight): Face | null {
  const points = Array.from(cluster.replace(INVISIBLE, ''), (letter) => letter.codePointAt(0) ?? 0);
  const holding = facesOf(weight).find(({ font }) =>
    points.every((point) => font.hasGlyphForCodePoint(point)),
  );
  return holding ?? null;
}
