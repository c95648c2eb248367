/** The database's shape as a list of named steps. A step never changes once it has shipped; a new shape is a new step at the end. */
import type Database from "better-sqlite3";

export interface Migration {
  readonly name: string;
  apply(db: Database.Database): void;
}

export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-runs", apply: createRuns },
  { name: "0002-origin-and-verdict", apply: addOrigin },
];

function createRuns(db: Database.Database): void {
  db.exec(`
    CREATE TABLE runs (
      run TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      createdAt INTEGER NOT NULL,
      outcome TEXT,
      steps INTEGER NOT NULL,
      totalSteps INTEGER NOT NULL,
      firstLoss REAL,
      lastLoss REAL,
      heldOutBefore REAL,
      heldOutAfter REAL,
      checkpoints INTEGER NOT NULL,
      trainSeconds REAL NOT NULL,
      gguf TEXT,
      deployedAs TEXT
    ) STRICT;
    CREATE INDEX runs_by_time ON runs (createdAt DESC);
  `);
}

/** The rows of before know nothing of these: every run is projected again. */
function addOrigin(db: Database.Database): void {
  db.exec("ALTER TABLE runs ADD COLUMN model TEXT NOT NULL DEFAULT ''; ALTER TABLE runs ADD COLUMN fromRun TEXT; ALTER TABLE runs ADD COLUMN verdict TEXT");
}

export type MigrationResult = { readonly applied: readonly string[] } | { readonly newer: string };

/** Each step and its record are one transaction: killed at any moment, the file has the shape before the step or after it. */
export function migrate(db: Database.Database, migrations: readonly Migration[] = MIGRATIONS): MigrationResult {
  db.exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT");
  const done = new Set((db.prepare("SELECT name FROM migrations").all() as { name: string }[]).map(({ name }) => name));
  const newer = [...done].find((name) => !migrations.some((migration) => migration.name === name));
  if (newer !== undefined) return { newer };
  const applied: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.name)) continue;
    const step = db.transaction(() => {
      migration.apply(db);
      db.prepare("INSERT INTO migrations (name, at) VALUES (?, ?)").run(migration.name, Date.now());
    });
    step.immediate();
    applied.push(migration.name);
  }
  return { applied };
}
