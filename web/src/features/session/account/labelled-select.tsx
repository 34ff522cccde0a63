import { Select } from "#shared/ui/select.tsx";

interface LabelledSelectProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; text: string }[];
  onChange: (value: T) => void;
}

/** As a field of a form: its label above it. */
export function LabelledSelect<T extends string>({ label, value, options, onChange }: LabelledSelectProps<T>) {
  const choose = (chosen: string) => {
    const option = options.find(({ value }) => value === chosen);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <label className="flex flex-col gap-1.5 text-sm font-medium">
      {label}
      <Select label={label} value={value} onChange={(event) => choose(event.target.value)} className="font-normal">
        {options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Select>
    </label>
  );
}
