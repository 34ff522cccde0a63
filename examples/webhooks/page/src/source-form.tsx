import { fetchJson, useApi } from "@toru/page/react";
import { type ReactNode, useId, useState } from "react";
import type { SourceView } from "./api-types.ts";

interface SourceFormProps {
  /** Null for a new one. */
  present: SourceView | null;
  /** `secret` is the one that was made up, which shows once. */
  onDone: (name: string, secret: string | null) => void;
  onCancel: () => void;
}

const focus = (input: HTMLInputElement | null) => input?.focus();

/** Creates a source, or changes one. */
export function SourceForm({ present, onDone, onCancel }: SourceFormProps) {
  const api = useApi();
  const [kind, setKind] = useState(present?.kind ?? "github");
  const [fault, setFault] = useState<string | null>(null);
  const save = async (form: FormData) => {
    const { name = "", toleranceSeconds, ...fields } = Object.fromEntries(form) as Record<string, string>;
    const body = { ...fields, name, ...(toleranceSeconds && { toleranceSeconds: Number(toleranceSeconds) }) };
    try {
      const path = present === null ? "/sources" : `/sources/${present.name}`;
      const method = present === null ? "POST" : "PUT";
      const { secret = null } = await fetchJson<{ secret?: string | null }>(api, path, { method, body });
      onDone(name || (present?.name ?? ""), secret);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      className="card padded stack"
      aria-label={present === null ? "New source" : `Change ${present.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save(new FormData(event.currentTarget));
      }}
    >
      {present === null && (
        <Field label="Name" hint="The end of its address: lower-case letters, digits, hyphens">
          {(input) => <input {...input} name="name" required pattern="[a-z0-9][a-z0-9\-]{0,63}" ref={focus} />}
        </Field>
      )}
      <Field label="Signed">
        {(input) => (
          <select
            {...input}
            name="kind"
            value={kind}
            onChange={(event) => setKind(event.target.value as SourceView["kind"])}
          >
            <option value="github">as GitHub does (X-Hub-Signature-256)</option>
            <option value="stripe">as Stripe does (with a timestamp)</option>
            <option value="generic">by HMAC in a header</option>
            <option value="none">not at all</option>
          </select>
        )}
      </Field>
      {kind === "generic" && <GenericFields present={present} />}
      {kind === "stripe" && (
        <Field label="Tolerance in seconds" hint="How far the sender's clock may be from this server's">
          {(input) => (
            <input
              {...input}
              name="toleranceSeconds"
              type="number"
              min={1}
              max={86_400}
              defaultValue={present?.toleranceSeconds ?? 300}
            />
          )}
        </Field>
      )}
      {kind !== "none" && (
        <Field
          label="Secret"
          hint={present?.hasSecret === true ? "Empty: the present one stays" : "Empty: one is made up and shown once"}
        >
          {(input) => (
            <input {...input} name="secret" type="password" autoComplete="new-password" minLength={8} maxLength={512} />
          )}
        </Field>
      )}
      <Field label="Replays go to" hint="May be empty; another address can be named at each replay">
        {(input) => <input {...input} name="replayUrl" type="url" defaultValue={present?.replayUrl ?? ""} />}
      </Field>
      {fault !== null && (
        <p className="bad" role="alert">
          {fault}
        </p>
      )}
      <div className="toolbar">
        <button type="submit" className="primary">
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function GenericFields({ present }: { present: SourceView | null }) {
  return (
    <>
      <Field label="Header of the signature">
        {(input) => (
          <input
            {...input}
            name="header"
            required
            pattern="[a-z0-9\-]{1,64}"
            defaultValue={present?.header ?? "x-signature"}
          />
        )}
      </Field>
      <Field label="Algorithm">
        {(input) => (
          <select {...input} name="algorithm" defaultValue={present?.algorithm ?? "sha256"}>
            <option>sha256</option>
            <option>sha512</option>
            <option>sha1</option>
          </select>
        )}
      </Field>
      <Field label="Encoding">
        {(input) => (
          <select {...input} name="encoding" defaultValue={present?.encoding ?? "hex"}>
            <option>hex</option>
            <option>base64</option>
          </select>
        )}
      </Field>
      <Field label="In front of it" hint="Like sha256=">
        {(input) => <input {...input} name="prefix" maxLength={32} defaultValue={present?.prefix ?? ""} />}
      </Field>
      <Field label="Header of the delivery's id" hint="By which a second delivery is recognised">
        {(input) => (
          <input
            {...input}
            name="idHeader"
            required
            pattern="[a-z0-9\-]{1,64}"
            defaultValue={present?.idHeader ?? "x-delivery-id"}
          />
        )}
      </Field>
    </>
  );
}

interface FieldProps {
  label: string;
  hint?: string;
  children: (input: { id: string; "aria-describedby": string | undefined }) => ReactNode;
}

function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": hintId })}
      {hint !== undefined && (
        <small className="quiet" id={hintId}>
          {hint}
        </small>
      )}
    </div>
  );
}
