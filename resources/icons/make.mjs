#!/usr/bin/env node
// Draws the menu-bar icon: a lightning bolt, black with alpha, as macOS wants a template image. Run: node resources/icons/make.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

/** Corners of the bolt in a square of side 16. */
const BOLT = [
  [9.6, 0.8],
  [3.2, 9.1],
  [7.3, 9.1],
  [6.1, 15.2],
  [12.8, 6.6],
  [8.5, 6.6],
];
const SAMPLES = 8;

function isInside(x, y) {
  let inside = false;
  for (let i = 0, j = BOLT.length - 1; i < BOLT.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [BOLT[i], BOLT[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Share of a pixel that the bolt covers, 0 to 255. */
export function coverage(column, row, scale) {
  let hits = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / scale;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / scale;
    if (isInside(x, y)) hits += 1;
  }
  return Math.round((255 * hits) / (SAMPLES * SAMPLES));
}

export function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** 8 bits, grey with alpha (colour type 4), no filter. */
function png(side) {
  const rows = Buffer.alloc(side * (1 + 2 * side));
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) rows[row * (1 + 2 * side) + 2 + 2 * column] = coverage(column, row, side / 16);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 4, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

// macOS knows a template image by the end of its name, and the sharper one by @2x.
const TEMPLATES = { "trayTemplate.png": 16, "trayTemplate@2x.png": 32 };
if (import.meta.main) for (const [name, side] of Object.entries(TEMPLATES)) writeFileSync(join(import.meta.dirname, name), png(side));
