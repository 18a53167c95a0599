export async function injection() {}
