/** Largest `data:image/` URI, in bytes. */
const MAX_ICON_URI_BYTES = 32 * 1024;
const MAX_ICON_NAME_CHARACTERS = 64;
/** The longest emoji sequences in use have 15 UTF-16 units. */
const MAX_EMOJI_UNITS = 32;

const ICON_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * One pictograph as it is drawn: with or without variation selector or skin tone, joined ones, flags, keycaps. Other
 * symbols that programs use as an icon ("★", "✓") count too; letters and half a flag do not.
 */
const PICTOGRAPH = String.raw`[[\p{Extended_Pictographic}\p{So}]--\p{RI}](?:\p{Emoji_Modifier}|[\uFE0E\uFE0F])?`;
const EMOJI = new RegExp(
  String.raw`^(?:\p{RGI_Emoji}|\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|${PICTOGRAPH}(?:\u200D${PICTOGRAPH})*)$`,
  "v",
);

/** Whether the panel can show this: an emoji, the name of an icon like `hard-drive`, or a `data:image/` URI. */
export function isIcon(icon: string): boolean {
  if (icon.startsWith("data:")) return icon.startsWith("data:image/") && Buffer.byteLength(icon) <= MAX_ICON_URI_BYTES;
  if (ICON_NAME.test(icon)) return icon.length <= MAX_ICON_NAME_CHARACTERS;
  return icon.length <= MAX_EMOJI_UNITS && EMOJI.test(icon);
}
