import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { problem } from "./problem.mjs";

/** @param {string} path @returns {Promise<boolean>} true for a plain file that this user may run */
export async function isExecutable(path) {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** @param {string} path @returns {Promise<boolean>} */
export function isReadable(path) {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/**
 * @param {readonly string[]} names in order of preference
 * @returns {Promise<string | undefined>} the path of the first one that PATH knows
 */
export async function findOnPath(names) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

/**
 * The executable a person chose by an environment variable. A wrong choice is reported, never
 * passed over: quietly testing another program than the one named would be a lie.
 *
 * @param {string} variable
 * @returns {Promise<string | undefined>}
 */
export async function chosenByEnvironment(variable) {
  const path = process.env[variable];
  if (!path) return undefined;
  if (await isExecutable(path)) return path;
  throw problem("bad-setting", `${variable} names ${path}, which is not a program that can be run.`, `Correct ${variable} or unset it.`);
}
