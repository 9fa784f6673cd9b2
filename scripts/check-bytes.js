// Placeholder until the decoder stands: replaced by the model's byte check.
export function checkBytes() {
  return [];
}
