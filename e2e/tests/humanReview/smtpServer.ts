/** A mail server on this machine that keeps what it is given. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Mail {
	to: string[];
	subject: string;
	text: string;
}

export class SmtpServer {
	readonly mails: Mail[] = [];
	readonly #server: Server;

	constructor() {
		this.#server = createServer((socket) => this.#serve(socket));
	}

	async open(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	async close(): Promise<void> {
		await new Promise((resolve) => this.#server.close(resolve));
	}

	#serve(socket: Socket): void {
		let to: string[] = [];
		let data: string | undefined;
		let rest = '';
		const line = (text: string): void => {
			if (data !== undefined) {
				if (text !== '.') {
					data += `${text.replace(/^\.\./, '.')}\r\n`;
					return;
				}
				this.mails.push({ to, ...parsed(data) });
				to = [];
				data = undefined;
				socket.write('250 kept\r\n');
				return;
			}
			const [word = ''] = text.split(/[ :]/);
			if (/^RCPT$/i.test(word)) to.push(/<([^>]+)>/.exec(text)?.[1] ?? '');
			if (/^DATA$/i.test(word)) data = '';
			const answers: Record<string, string> = { DATA: '354 go on', QUIT: '221 bye' };
			socket.write(`${answers[word.toUpperCase()] ?? '250 ok'}\r\n`);
			if (/^QUIT$/i.test(word)) socket.end();
		};
		socket.on('data', (chunk) => {
			const lines = (rest + chunk.toString()).split('\r\n');
			rest = lines.pop() ?? '';
			lines.forEach(line);
		});
		socket.on('error', () => socket.destroy());
		socket.write('220 ready\r\n');
	}
}

function parsed(message: string): Pick<Mail, 'subject' | 'text'> {
	const end = message.indexOf('\r\n\r\n');
	const head = message.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
	const body = message.slice(end + 4);
	const header = (name: string) =>
		new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
	const encoding = header('content-transfer-encoding').toLowerCase();
	const text =
		encoding === 'base64'
			? Buffer.from(body, 'base64').toString()
			: encoding === 'quoted-printable'
				? unquoted(body)
				: body;
	return { subject: header('subject'), text };
}

function unquoted(text: string): string {
	const bytes = text
		.replace(/=\r\n/g, '')
		.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(bytes, 'latin1').toString();
}
