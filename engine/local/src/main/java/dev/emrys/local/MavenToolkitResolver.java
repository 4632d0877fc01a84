package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.maven.model.Model;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyFilter;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactTransferException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import org.eclipse.aether.util.filter.ExclusionsDependencyFilter;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.eclipse.aether.util.repository.SimpleArtifactDescriptorPolicy;
import org.jspecify.annotations.Nullable;

/** Resolves through Maven's own resolver, with the user's settings: mirrors, proxies, servers, local repository, offline. */
public final class MavenToolkitResolver implements ToolkitResolver {
    private final Path userSettings;

    /** Read when something is resolved: who only cancels a run needs no Maven. */
    private @Nullable Settings settings;

    public MavenToolkitResolver() {
        this(Path.of(System.getProperty("user.home", "."), ".m2", "settings.xml"));
    }

    MavenToolkitResolver(Path userSettings) {
        this.userSettings = userSettings;
    }

    private synchronized Settings settings() {
        Settings known = settings;
        if (known == null) {
            known = read(userSettings);
            settings = known;
        }
        return known;
    }

    private Path localRepository() {
        String named = System.getProperty("maven.repo.local", settings().getLocalRepository());
        return named == null || named.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".m2", "repository")
                : Path.of(named);
    }

    private static Settings read(Path userSettings) {
        DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
        request.setUserSettingsFile(userSettings.toFile());
        mavenHome().map(home -> home.resolve("conf/settings.xml").toFile()).ifPresent(request::setGlobalSettingsFile);
        Properties properties = new Properties();
        properties.putAll(System.getProperties());
        System.getenv().forEach((name, value) -> properties.put("env." + name, value));
        request.setSystemProperties(properties);
        try {
            return new DefaultSettingsBuilderFactory()
                    .newInstance()
                    .build(request)
                    .getEffectiveSettings();
        } catch (SettingsBuildingException e) {
            throw new ToolkitException(
                    "The Maven settings " + userSettings + " cannot be read: " + e.getMessage()
                            + "\n    Mend the file: what steps need is fetched with these settings.",
                    e);
        }
    }

    /** The Maven that the user has: its own settings may name a mirror for the whole machine. */
    private static Optional<Path> mavenHome() {
        String named = System.getenv("MAVEN_HOME");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
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

    @Override
    public String identity() {
        return localRepository().toString();
    }

    @Override
    public ImmutableList<Path> resolve(Toolkit toolkit, Toolkits.Progress progress) {
        RepositorySystem system = new RepositorySystemSupplier().get();
        DefaultRepositorySystemSession session = session(system, toolkit, progress);
        CollectRequest collect = new CollectRequest();
        toolkit.coordinates()
                .forEach(coordinates ->
                        collect.addDependency(new Dependency(new DefaultArtifact(coordinates), JavaScopes.RUNTIME)));
        collect.setRepositories(system.newResolutionRepositories(session, repositories()));
        DependencyFilter filter = DependencyFilterUtils.andFilter(
                DependencyFilterUtils.classpathFilter(JavaScopes.RUNTIME),
                new ExclusionsDependencyFilter(toolkit.exclusions()));
        try {
            return system
                    .resolveDependencies(session, new DependencyRequest(collect, filter))
                    .getArtifactResults()
                    .stream()
                    .map(ArtifactResult::getArtifact)
                    .filter(artifact -> artifact.getFile() != null
                            && artifact.getFile().getName().endsWith(".jar"))
                    .map(artifact -> artifact.getFile().toPath().toAbsolutePath())
                    .collect(ImmutableList.toImmutableList());
        } catch (DependencyResolutionException e) {
            throw new ToolkitException(
                    "What steps need (" + toolkit.name() + ") could not be fetched: " + root(e)
                            + (session.isOffline() ? "\n    The Maven settings say offline: switch that off once." : "")
                            + "\n    It is needed once. Check the network, or name a mirror in ~/.m2/settings.xml, and run again: what"
                            + " has come so far is kept.",
                    e);
        }
    }

    private DefaultRepositorySystemSession session(
            RepositorySystem system, Toolkit toolkit, Toolkits.Progress progress) {
        DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
        session.setLocalRepositoryManager(system.newLocalRepositoryManager(
                session, new LocalRepository(localRepository().toFile())));
        session.setOffline(settings().isOffline());
        // Profiles of POMs ask for the Java version and the operating system.
        session.setSystemProperties(System.getProperties());
        // A POM that cannot be read means dependencies that nobody sees are missing: fail, rather than lock half a
        // class path.
        session.setArtifactDescriptorPolicy(new SimpleArtifactDescriptorPolicy(false, false));
        session.setConfigProperty("aether.connector.basic.threads", 8);
        session.setTransferListener(new Counter(toolkit.name(), progress));
        DefaultMirrorSelector mirrors = new DefaultMirrorSelector();
        for (Mirror mirror : settings().getMirrors()) {
            mirrors.add(
                    mirror.getId(),
                    mirror.getUrl(),
                    mirror.getLayout(),
                    false,
                    mirror.isBlocked(),
                    mirror.getMirrorOf(),
                    mirror.getMirrorOfLayouts());
        }
        session.setMirrorSelector(mirrors);
        DefaultProxySelector proxies = new DefaultProxySelector();
        for (Proxy proxy : settings().getProxies()) {
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
        session.setProxySelector(proxies);
        DefaultAuthenticationSelector servers = new DefaultAuthenticationSelector();
        for (Server server : settings().getServers()) {
            servers.add(
                    server.getId(),
                    new AuthenticationBuilder()
                            .addUsername(server.getUsername())
                            .addPassword(server.getPassword())
                            .addPrivateKey(server.getPrivateKey(), server.getPassphrase())
                            .build());
        }
        session.setAuthenticationSelector(servers);
        return session;
    }

    /** Central, under Maven's own name so that mirrors of it apply, and what the active profiles add. */
    private ImmutableList<RemoteRepository> repositories() {
        ImmutableList.Builder<RemoteRepository> all = ImmutableList.builder();
        for (Profile profile : settings().getProfiles()) {
            boolean active = settings().getActiveProfiles().contains(profile.getId())
                    || (profile.getActivation() != null
                            && profile.getActivation().isActiveByDefault());
            if (active) {
                for (Repository repository : profile.getRepositories()) {
                    all.add(new RemoteRepository.Builder(repository.getId(), "default", repository.getUrl()).build());
                }
            }
        }
        for (org.apache.maven.model.Repository repository : ofTheSuperPom()) {
            all.add(new RemoteRepository.Builder(repository.getId(), "default", repository.getUrl()).build());
        }
        return all.build();
    }

    /** Where Central is, says Maven itself: every POM inherits it from the super POM. */
    private static List<org.apache.maven.model.Repository> ofTheSuperPom() {
        Model pom = new Model();
        pom.setModelVersion("4.0.0");
        pom.setGroupId("dev.emrys");
        pom.setArtifactId("toolkit");
        pom.setVersion("1");
        try {
            return new DefaultModelBuilderFactory()
                    .newInstance()
                    .build(new DefaultModelBuildingRequest().setRawModel(pom))
                    .getEffectiveModel()
                    .getRepositories();
        } catch (ModelBuildingException e) {
            throw new IllegalStateException("Maven's super POM cannot be read", e);
        }
    }

    /** What was transferred from where, as far as it came to that: "connection refused" alone helps nobody. */
    private static String root(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null && at.getCause() != at) {
            if (at instanceof ArtifactTransferException) {
                return String.valueOf(at.getMessage());
            }
            at = at.getCause();
            if (at instanceof ArtifactTransferException && at.getMessage() != null) {
                // It names the file and the repository, and why it did not come.
                return at.getMessage();
            }
        }
        return at.getClass().getSimpleName() + ": " + at.getMessage();
    }

    /** Counts what has arrived. */
    private static final class Counter extends AbstractTransferListener {
        private final String what;
        private final Toolkits.Progress progress;
        private final AtomicInteger files = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();

        Counter(String what, Toolkits.Progress progress) {
            this.what = what;
            this.progress = progress;
        }

        @Override
        public void transferProgressed(TransferEvent event) {
            progress.fetched(what, files.get(), bytes.addAndGet(event.getDataLength()));
        }

        @Override
        public void transferSucceeded(TransferEvent event) {
            if (event.getRequestType() == TransferEvent.RequestType.GET) {
                progress.fetched(what, files.incrementAndGet(), bytes.get());
            }
        }
    }
}
