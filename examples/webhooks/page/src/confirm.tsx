import { useApi } from "@toru/page/react";
import { useState } from "react";

interface ConfirmProps {
  label: string;
  question: string;
  onConfirm: () => Promise<void>;
}

const focus = (button: HTMLButtonElement | null) => button?.focus();

/** A button that asks once more in its own place. */
export function Confirm({ label, question, onConfirm }: ConfirmProps) {
  const api = useApi();
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <button type="button" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  const confirm = () => {
    setAsking(false);
    onConfirm().catch((error: unknown) => {
      api.showToast(error instanceof Error ? error.message : String(error), "error");
    });
  };
  return (
    <span className="confirm">
      {question}
      <button type="button" className="danger" ref={focus} onClick={confirm}>
        {label}
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        Keep
      </button>
    </span>
  );
}
