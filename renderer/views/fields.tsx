import { type ReactNode, useId } from "react";
import type { ShownSettings } from "../../electron/core/settings-shown.ts";
import { type Draft, type Field, hasSecret, type Secret } from "../settings-draft.ts";
import { useWords } from "../use-session.ts";

export interface Form {
  readonly draft: Draft;
  readonly settings: ShownSettings;
  readonly wrong: ReadonlySet<Field>;
  readonly set: <F extends Field>(field: F, value: Draft[F]) => void;
}

type TextField = { [F in Field]: Draft[F] extends string ? F : never }[Field];
type YesField = { [F in Field]: Draft[F] extends boolean ? F : never }[Field];

interface FieldProps<F extends Field> {
  readonly form: Form;
  readonly field: F;
  readonly label: string;
}

/** Label, input, and in words what is wrong with it. */
function Labelled({
  form,
  field,
  label,
  children,
}: FieldProps<TextField> & { readonly children: (ids: { id: string; "aria-invalid": boolean; "aria-describedby"?: string }) => ReactNode }) {
  const { say } = useWords();
  const id = useId();
  const wrong = form.wrong.has(field);
  return (
    <div className="field" data-field={field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": wrong, ...(wrong ? { "aria-describedby": `${id}-wrong` } : {}) })}
      {wrong && (
        <p id={`${id}-wrong`} className="wrong">
          {say(`wrong.${kindOf(field)}`)}
        </p>
      )}
    </div>
  );
}

function kindOf(field: TextField) {
  switch (field) {
    case "windowTo":
      return "window" as const;
    case "windowFrom":
    case "quietFrom":
    case "quietTo":
      return "time" as const;
    case "target":
    case "red":
    case "battery":
    case "digest":
    case "perKwh":
    case "currency":
      return field;
    case "ntfyServer":
      return "server" as const;
    default:
      return "secret" as const;
  }
}

/** No `type=time`: browsers write it in their own clock, and cut it. */
export function Time({ form, field, label }: FieldProps<TextField>) {
  return (
    <Labelled form={form} field={field} label={label}>
      {(ids) => (
        <input
          {...ids}
          type="text"
          inputMode="numeric"
          className="short"
          placeholder="22:00"
          value={form.draft[field]}
          onChange={(event) => form.set(field, event.target.value)}
        />
      )}
    </Labelled>
  );
}

/** A text with a numeric keyboard: who writes 0,17 is understood too. */
export function Number_({ form, field, label, unit }: FieldProps<TextField> & { readonly unit: string }) {
  return (
    <Labelled form={form} field={field} label={`${label} (${unit})`}>
      {(ids) => (
        <input {...ids} type="text" inputMode="decimal" className="short" value={form.draft[field]} onChange={(event) => form.set(field, event.target.value)} />
      )}
    </Labelled>
  );
}

export function Text({ form, field, label }: FieldProps<TextField>) {
  return (
    <Labelled form={form} field={field} label={label}>
      {(ids) => <input {...ids} type="text" spellCheck={false} value={form.draft[field]} onChange={(event) => form.set(field, event.target.value)} />}
    </Labelled>
  );
}

/** Written and never read: what is kept does not come back here. */
export function SecretText({ form, field, label }: FieldProps<Secret>) {
  const { say } = useWords();
  const kept = hasSecret(form.settings, field);
  return (
    <Labelled form={form} field={field} label={label}>
      {(ids) => (
        <input
          {...ids}
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder={kept ? say("settings.kept") : ""}
          value={form.draft[field]}
          onChange={(event) => form.set(field, event.target.value)}
        />
      )}
    </Labelled>
  );
}

export function Select({ form, field, label, options }: FieldProps<"language"> & { readonly options: readonly (readonly ["en" | "tr", string])[] }) {
  return (
    <Labelled form={form} field={field} label={label}>
      {(ids) => (
        <select {...ids} value={form.draft[field]} onChange={(event) => form.set(field, event.target.value === "tr" ? "tr" : "en")}>
          {options.map(([value, text]) => (
            <option key={value} value={value} lang={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

export function Yes({ form, field, label }: FieldProps<YesField>) {
  return (
    <label className="yes" data-field={field}>
      <input type="checkbox" checked={form.draft[field]} onChange={(event) => form.set(field, event.target.checked)} />
      {label}
    </label>
  );
}
