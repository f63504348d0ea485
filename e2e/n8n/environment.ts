/** What n8n is told at its start. */

export interface EnvironmentOptions {
	userFolder: string;
	port: number;
	brokerPort: number;
}

/** Whatever would call home, or show what it learned there. */
const nothingLeavesTheMachine = {
	EXTERNAL_FRONTEND_HOOKS_URLS: '',
	N8N_DIAGNOSTICS_CONFIG_BACKEND: '',
	N8N_DIAGNOSTICS_CONFIG_FRONTEND: '',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	// Both fetch catalogues from n8n's servers at every start.
	N8N_DISABLED_MODULES: 'instance-ai,mcp-registry',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
};

/** The caller's own n8n, if any, must not shine through. */
const withoutN8nSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(
		Object.entries(environment).filter(
			([name]) => !/^(N8N_|DB_|WEBHOOK_URL|EXECUTIONS_|QUEUE_|NODE_OPTIONS|NODE_PATH)/.test(name),
		),
	);

/** n8n on loopback, with SQLite and all its data below one folder. */
export function n8nEnvironment({
	userFolder,
	port,
	brokerPort,
}: EnvironmentOptions): NodeJS.ProcessEnv {
	return {
		...withoutN8nSettings(process.env),
		...nothingLeavesTheMachine,
		DB_TYPE: 'sqlite',
		GENERIC_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '5',
		N8N_HOST: 'localhost',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_LOG_LEVEL: 'info',
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_USER_FOLDER: userFolder,
		NODE_ENV: 'production',
		WEBHOOK_URL: `http://localhost:${port}/`,
	};
}
