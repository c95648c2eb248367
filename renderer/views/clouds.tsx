import { type CloudDraft, usualClouds, withRow } from "../settings-draft.ts";
import { useWords } from "../use-session.ts";
import type { Form } from "./fields.tsx";

/** The engine's own limit. */
const ROWS = 20;
const COLUMNS = ["name", "usdPerHour", "tokensPerSecond"] as const;
const LABELS = { name: "clouds.name", usdPerHour: "clouds.price", tokensPerSecond: "clouds.speed" } as const;

/** What a night is compared with: a row is typed like any field, and saved with the form. */
export function Clouds({ form }: { readonly form: Form }) {
  const { say } = useWords();
  const rows = form.draft.clouds;
  const set = (next: readonly CloudDraft[]) => form.set("clouds", next);
  const wrong = form.wrong.has("clouds");
  return (
    <fieldset className="card group" data-field="clouds">
      <legend>
        <h2>{say("settings.group.clouds")}</h2>
      </legend>
      <p className="soft">{say("settings.about.clouds")}</p>
      {rows.length === 0 ? (
        <p>{say("clouds.none")}</p>
      ) : (
        <table className="clouds">
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {say(LABELS[column])}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                {COLUMNS.map((column) => (
                  <td key={column} data-label={say(LABELS[column])}>
                    <input
                      type="text"
                      spellCheck={false}
                      inputMode={column === "name" ? "text" : "decimal"}
                      data-column={column}
                      aria-label={`${say(LABELS[column])} ${row.name}`}
                      aria-invalid={wrong}
                      value={row[column]}
                      onChange={(event) => set(rows.map((one) => (one === row ? { ...row, [column]: event.target.value } : one)))}
                    />
                  </td>
                ))}
                <td>
                  <button
                    type="button"
                    className="remove"
                    aria-label={say("clouds.remove", { name: row.name })}
                    onClick={() => set(rows.filter((one) => one !== row))}
                  >
                    ×
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {wrong && <p className="wrong">{say("wrong.clouds")}</p>}
      <div className="buttons">
        <button type="button" data-do="add-cloud" disabled={rows.length >= ROWS} onClick={() => set(withRow(rows))}>
          {say("clouds.add")}
        </button>
        <button type="button" data-do="usual-clouds" onClick={() => set(usualClouds())}>
          {say("clouds.usual")}
        </button>
      </div>
    </fieldset>
  );
}
