// A service of a spec's own: server, machines, workers, and whatever they ask, all stopped at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PATIENCE, call, expect } from './site.js';

export class Stack {
  /** `database` is the address of a database that nobody else uses. */
  constructor(database) {
    this.database = database;
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'jouleboard-e2e-'));
    this.children = [];
  }

  /** Starts a server and waits until it is well. */
  async serve(...more) {
    const port = await freePort();
    this.server = `http://127.0.0.1:${port}`;
    const args = ['serve', '--bind', '127.0.0.1', '--port', String(port), '--dist', process.env.E2E_DIST];
    this.start(process.env.E2E_SERVER, [...args, ...more], { DATABASE_URL: this.database });
    await until(() => call(this.server, 'GET', '/health').then(() => true, () => false), 'the server is well');
  }

  start(program, args, env = {}) {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    this.children.push(child);
    return child;
  }

  /** Runs one of the server's commands and returns the last line it printed. */
  command(...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(process.env.E2E_SERVER, args, { env: { ...process.env, DATABASE_URL: this.database } });
      let out = '';
      let err = '';
      child.stdout.on('data', (data) => (out += data));
      child.stderr.on('data', (data) => (err += data));
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0 ? resolve(out.trim().split('\n').at(-1)) : reject(new Error(`${args.join(' ')}: ${err}`)),
      );
    });
  }

  /** Enrols a machine and returns the file with its token. */
  async enrol(name) {
    const token = await this.command('machine', 'add', name, '--zone', 'FR', '--replace', '--embodied-kg', '181',
      '--embodied-source', 'a test');
    const file = path.join(this.folder, `${name}.token`);
    writeFileSync(file, token, { mode: 0o600 });
    return file;
  }

  /** Starts a worker with the first model. */
  work(token, more, env) {
    const [model] = process.env.E2E_MODELS.split('\n');
    // Neither meter cards nor undelivered reports of whoever runs the tests are any of theirs.
    const state = ['--state-dir', `${token}.state`, '--outbox', `${token}.outbox`];
    const args = ['run', '--server', this.server, '--token-file', token, ...state, '--model', model, ...more];
    return this.start(process.env.E2E_WORKER, args, env);
  }

  /** Kills one of its processes and waits until it is gone, and its connections with it. */
  async kill(child) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once('close', resolve) && child.kill('SIGKILL'));
  }

  async stop() {
    await Promise.all(this.children.map((child) => this.kill(child)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(isTrue, what) {
  await expect.poll(isTrue, { message: what, timeout: PATIENCE, intervals: [50] }).toBe(true);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const listener = net.createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}
