import { Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { INPUT_CLASS } from "#shared/ui/field.tsx";

interface SearchBoxProps {
  value: string;
  onChange: (value: string) => void;
}

/** The address follows the keys a moment later, so what is typed stays in the input; what the address says otherwise wins. */
export function SearchBox({ value, onChange }: SearchBoxProps) {
  const t = useTranslations("plugins");
  const input = useRef<HTMLInputElement>(null);
  const underWay = useRef<string | null>(null);
  useEffect(() => {
    if (underWay.current === value) underWay.current = null;
    else if (underWay.current === null && input.current !== null) input.current.value = value;
  }, [value]);
  return (
    <div className="relative min-w-0 flex-1 basis-52">
      <Search size={16} aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 text-text-muted" />
      <input
        ref={input}
        type="search"
        defaultValue={value}
        aria-label={t("search")}
        placeholder={t("search")}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          underWay.current = event.target.value;
          onChange(event.target.value);
        }}
        className={`${INPUT_CLASS} pl-8`}
      />
    </div>
  );
}
