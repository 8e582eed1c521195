export const sizes = [8];
