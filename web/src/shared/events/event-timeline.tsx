export function EventTimeline({ plugin }: { plugin?: string }) {
  return <p>{plugin}</p>;
}
