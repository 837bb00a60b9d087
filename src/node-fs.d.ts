// The part of node:fs/promises that node-store.ts uses, so that neither the build nor a consumer needs @types/node.

declare module 'node:fs/promises' {
  interface FileHandle {
    writeFile(text: string): Promise<void>
    sync(): Promise<void>
    close(): Promise<void>
  }

  export function mkdir(path: string, options: { recursive: true, mode: number }): Promise<unknown>
  export function open(path: string, flags: string, mode?: number): Promise<FileHandle>
  export function readdir(path: string): Promise<string[]>
  export function readFile(path: string, encoding: 'utf8'): Promise<string>
  export function rename(from: string, to: string): Promise<void>
  export function rm(path: string, options: { force: true }): Promise<void>
  export function stat(path: string): Promise<{ readonly mtimeMs: number }>
}
