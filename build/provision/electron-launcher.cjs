// Runs inside the old Electron, as its built-in app: loads the app whose folder is the first plain argument,
// as the Electron of the npm package does. So every test names its own app, and several share one runtime.
// CommonJS in the language of Node 16, because that is what runs it.
const { existsSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { app } = require("electron");

const named = process.argv.slice(1).find((argument) => !argument.startsWith("-"));
const folder = resolve(named || ".");
const manifest = join(folder, "package.json");

if (named && existsSync(manifest)) {
  const { name, productName, version } = require(manifest);
  if (version) app.setVersion(version);
  if (productName || name) app.setName(productName || name);
  app.setAppPath(folder);
  require(folder);
} else {
  process.stderr.write("usage: electron APP, where APP is a folder with a package.json\n");
  app.exit(2);
}
