#!/usr/bin/env node
// Draws the app's icon, the bolt of the menu bar on a night sky, into icon.icns. Run: node build/package/make-icon.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { chunk, coverage } from "../../resources/icons/make.mjs";

/** Apple's template: in a square of 1024 the tile has a side of 824 and corners of radius 185. */
const [MARGIN, RADIUS] = [100 / 1024, 185 / 1024];
const [TOP, BOTTOM, BOLT] = [
  [38, 42, 66],
  [14, 15, 28],
  [255, 205, 84],
];
/** Type codes of an .icns file for pictures of these sides. */
const SIDES = { ic07: 128, ic08: 256, ic09: 512, ic10: 1024 };

const mix = (from, to, share) => from.map((value, index) => Math.round(value + (to[index] - value) * share));

/** How much of the pixel the tile covers, 0 to 1: its edge is one pixel soft. */
function tile(x, y, side) {
  const inner = 0.5 - MARGIN - RADIUS;
  const beyond = (value) => Math.max(0, Math.abs(value / side - 0.5) - inner);
  const distance = (Math.hypot(beyond(x), beyond(y)) - RADIUS) * side;
  return Math.min(1, Math.max(0, 0.5 - distance));
}

/** 8 bits, red green blue alpha (colour type 6), no filter. */
function png(side) {
  const rows = Buffer.alloc(side * (1 + 4 * side));
  // The bolt stands in the middle, as tall as 0.55 of the picture.
  const [scale, start] = [(0.6 * side) / 16, 0.2 * side];
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const bolt = coverage(column - start, row - start, scale) / 255;
      const colour = mix(mix(TOP, BOTTOM, row / side), BOLT, bolt);
      rows.set([...colour, Math.round(255 * tile(column + 0.5, row + 0.5, side))], row * (1 + 4 * side) + 1 + 4 * column);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

/** A name of four letters, the whole length in four bytes, the data. */
function framed(type, data) {
  const head = Buffer.alloc(8);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(data.length + 8, 4);
  return Buffer.concat([head, data]);
}

const pictures = Object.entries(SIDES).map(([type, side]) => framed(type, png(side)));
writeFileSync(join(import.meta.dirname, "icon.icns"), framed("icns", Buffer.concat(pictures)));
