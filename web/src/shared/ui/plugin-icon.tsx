import { lazy, type ReactNode, Suspense } from "react";
import { classNames } from "./class-names.ts";

const NamedIcon = lazy(() =>
  import("./named-icon.tsx").catch((error: unknown) => {
    console.error("The icons did not load; letters stand for them:", error);
    return { default: ({ fallback }: { icon: string; size: number; fallback: ReactNode }) => fallback };
  }),
);

/** An emoji, a `data:image/` URI, or one of the names of `named-icon.tsx`; another name shows its first letter. */
export function PluginIcon({ icon, name, size = 20 }: { icon: string; name: string; size?: number }) {
  const box = { width: size, height: size, fontSize: size * 0.85 };
  if (icon.startsWith("data:image/")) return <img src={icon} alt="" {...box} className="rounded-sm object-contain" />;
  const letter = <Letter name={name} box={box} />;
  return (
    <span aria-hidden style={box} className="inline-grid shrink-0 place-items-center leading-none">
      {/^[a-z0-9-]+$/.test(icon) ? (
        <Suspense fallback={null}>
          <NamedIcon icon={icon} size={size} fallback={letter} />
        </Suspense>
      ) : (
        icon
      )}
    </span>
  );
}

function Letter({ name, box }: { name: string; box: { width: number; height: number } }) {
  return (
    <span
      style={{ width: box.width, height: box.height, fontSize: box.height * 0.55 }}
      className={classNames("grid place-items-center rounded bg-brand-soft font-semibold text-brand")}
    >
      {Array.from(name)[0]?.toUpperCase()}
    </span>
  );
}
