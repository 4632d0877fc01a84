package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.eclipse.aether.repository.AuthenticationSelector;
import org.eclipse.aether.repository.MirrorSelector;
import org.eclipse.aether.repository.ProxySelector;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.cipher.PlexusCipherException;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/**
 * The user's Maven settings, with those of the installed Maven, in the types of Maven's resolver. Encrypted passwords
 * are decrypted with the {@code settings-security.xml} beside the user's settings. Immutable.
 *
 * @see <a href="https://maven.apache.org/guides/mini/guide-encryption.html">Password encryption</a>
 */
final class MavenSettings {
    private final Settings settings;
    private final SettingsDecryptionResult decrypted;

    private MavenSettings(Settings settings, SettingsDecryptionResult decrypted) {
        this.settings = settings;
        this.decrypted = decrypted;
    }

    /** @throws LocalSetupException when the settings cannot be parsed or a password cannot be decrypted */
    static MavenSettings read(Path userSettings) {
        DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
        request.setUserSettingsFile(userSettings.toFile());
        mavenHome().map(home -> home.resolve("conf/settings.xml").toFile()).ifPresent(request::setGlobalSettingsFile);
        Properties properties = new Properties();
        properties.putAll(System.getProperties());
        System.getenv().forEach((name, value) -> properties.put("env." + name, value));
        request.setSystemProperties(properties);
        try {
            Settings settings = new DefaultSettingsBuilderFactory()
                    .newInstance()
                    .build(request)
                    .getEffectiveSettings();
            return new MavenSettings(settings, decrypt(settings, userSettings));
        } catch (SettingsBuildingException | PlexusCipherException e) {
            throw unreadable(userSettings, String.valueOf(e.getMessage()), e);
        }
    }

    private static SettingsDecryptionResult decrypt(Settings settings, Path userSettings) throws PlexusCipherException {
        DefaultSecDispatcher dispatcher = new DefaultSecDispatcher(new DefaultPlexusCipher());
        dispatcher.setConfigurationFile(
                userSettings.resolveSibling("settings-security.xml").toString());
        SettingsDecryptionResult result =
                new DefaultSettingsDecrypter(dispatcher).decrypt(new DefaultSettingsDecryptionRequest(settings));
        for (SettingsProblem problem : result.getProblems()) {
            throw unreadable(userSettings, problem.getMessage(), problem.getException());
        }
        return result;
    }

    private static LocalSetupException unreadable(Path file, String why, Exception cause) {
        return new LocalSetupException(
                "The Maven settings " + file + " cannot be used: " + why
                        + "\n    Correct the file: Spark and Hadoop are downloaded with these settings.",
                cause);
    }

    /** The installed Maven, whose settings may contain a mirror for the whole machine. */
    private static Optional<Path> mavenHome() {
        String variable = System.getenv("MAVEN_HOME");
        if (variable != null && !variable.isEmpty()) {
            return Optional.of(Path.of(variable));
        }
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            Path mvn = Path.of(folder, "mvn");
            if (!folder.isEmpty() && Files.isExecutable(mvn)) {
                try {
                    return Optional.ofNullable(mvn.toRealPath().getParent()).map(Path::getParent);
                } catch (IOException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** The system property {@code maven.repo.local}, else that of the settings, else {@code ~/.m2/repository}. */
    Path localRepository() {
        String path = System.getProperty("maven.repo.local", settings.getLocalRepository());
        return path == null || path.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".m2", "repository")
                : Path.of(path);
    }

    boolean offline() {
        return settings.isOffline();
    }

    MirrorSelector mirrors() {
        DefaultMirrorSelector mirrors = new DefaultMirrorSelector();
        for (Mirror mirror : settings.getMirrors()) {
            mirrors.add(
                    mirror.getId(),
                    mirror.getUrl(),
                    mirror.getLayout(),
                    false,
                    mirror.isBlocked(),
                    mirror.getMirrorOf(),
                    mirror.getMirrorOfLayouts());
        }
        return mirrors;
    }

    ProxySelector proxies() {
        DefaultProxySelector proxies = new DefaultProxySelector();
        for (Proxy proxy : decrypted.getProxies()) {
            if (proxy.isActive()) {
                proxies.add(
                        new org.eclipse.aether.repository.Proxy(
                                proxy.getProtocol(),
                                proxy.getHost(),
                                proxy.getPort(),
                                new AuthenticationBuilder()
                                        .addUsername(proxy.getUsername())
                                        .addPassword(proxy.getPassword())
                                        .build()),
                        proxy.getNonProxyHosts());
            }
        }
        return proxies;
    }

    AuthenticationSelector authentication() {
        DefaultAuthenticationSelector servers = new DefaultAuthenticationSelector();
        for (Server server : decrypted.getServers()) {
            servers.add(
                    server.getId(),
                    new AuthenticationBuilder()
                            .addUsername(server.getUsername())
                            .addPassword(server.getPassword())
                            .addPrivateKey(server.getPrivateKey(), server.getPassphrase())
                            .build());
        }
        return servers;
    }

    /** The repositories of the active profiles. */
    ImmutableList<RemoteRepository> repositories() {
        ImmutableList.Builder<RemoteRepository> repositories = ImmutableList.builder();
        for (Profile profile : settings.getProfiles()) {
            boolean active = settings.getActiveProfiles().contains(profile.getId())
                    || (profile.getActivation() != null
                            && profile.getActivation().isActiveByDefault());
            if (active) {
                for (Repository repository : profile.getRepositories()) {
                    repositories.add(
                            new RemoteRepository.Builder(repository.getId(), "default", repository.getUrl()).build());
                }
            }
        }
        return repositories.build();
    }
}
