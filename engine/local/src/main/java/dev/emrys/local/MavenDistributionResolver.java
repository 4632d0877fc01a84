package dev.emrys.local;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.maven.model.Model;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyFilter;
import org.eclipse.aether.graph.Exclusion;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.ArtifactTransferException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import org.eclipse.aether.util.repository.SimpleArtifactDescriptorPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Resolves through Maven's resolver with the user's settings: mirrors, proxies, servers with encrypted passwords, local
 * repository and offline mode. Thread-safe.
 */
public final class MavenDistributionResolver implements DistributionResolver {
    private static final Exclusion ALL_DEPENDENCIES = new Exclusion("*", "*", "*", "*");

    private final Path userSettings;

    /** Read at the first resolution, since most commands need no Maven settings. */
    private @Nullable MavenSettings settings;

    /** Uses {@code ~/.m2/settings.xml}. */
    public MavenDistributionResolver() {
        this(Path.of(System.getProperty("user.home", "."), ".m2", "settings.xml"));
    }

    MavenDistributionResolver(Path userSettings) {
        this.userSettings = userSettings;
    }

    private synchronized MavenSettings settings() {
        MavenSettings known = settings;
        if (known == null) {
            known = MavenSettings.read(userSettings);
            settings = known;
        }
        return known;
    }

    @Override
    public String identity() {
        return settings().localRepository().toString();
    }

    @Override
    public ImmutableList<Path> resolve(Distribution distribution, Distributions.Progress progress) {
        RepositorySystem system = new RepositorySystemSupplier().get();
        DefaultRepositorySystemSession session = session(system, distribution, progress);
        CollectRequest collect = new CollectRequest();
        distribution
                .coordinates()
                .forEach(coordinates ->
                        collect.addDependency(new Dependency(new DefaultArtifact(coordinates), JavaScopes.RUNTIME)));
        distribution
                .jars()
                .forEach(coordinates -> collect.addDependency(new Dependency(
                        new DefaultArtifact(coordinates),
                        JavaScopes.RUNTIME,
                        false,
                        ImmutableList.of(ALL_DEPENDENCIES))));
        collect.setRepositories(system.newResolutionRepositories(session, repositories()));
        DependencyFilter filter = DependencyFilterUtils.classpathFilter(JavaScopes.RUNTIME);
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
            String message = "The software that steps need (" + distribution.name() + ") could not be downloaded: "
                    + transferFailure(e)
                    + (session.isOffline() ? "\n    The Maven settings are in offline mode: switch it off once." : "")
                    + "\n    It is needed once. Check the network, or name a mirror in ~/.m2/settings.xml, and run again:"
                    + " finished downloads are kept.";
            Optional<Artifact> missing = session.isOffline() ? Optional.empty() : missing(e);
            throw missing.isPresent()
                    ? new MissingArtifactsException(missing.get().toString(), message, e)
                    : new LocalSetupException(message, e);
        }
    }

    /** The artifact that the repositories do not have; empty when anything else has failed too. */
    private static Optional<Artifact> missing(DependencyResolutionException failure) {
        List<Throwable> causes = new ArrayList<>();
        if (failure.getResult() != null) {
            // One that was found has the exceptions of the repositories that were asked before.
            failure.getResult().getArtifactResults().stream()
                    .filter(result -> !result.isResolved())
                    .forEach(result -> causes.addAll(result.getExceptions()));
            causes.addAll(failure.getResult().getCollectExceptions());
        }
        Optional<Artifact> missing = Optional.empty();
        for (Throwable cause : causes) {
            Optional<ArtifactNotFoundException> found = Throwables.getCausalChain(cause).stream()
                    .filter(ArtifactNotFoundException.class::isInstance)
                    .map(ArtifactNotFoundException.class::cast)
                    .findFirst();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            missing = missing.or(() -> Optional.ofNullable(found.get().getArtifact()));
        }
        return missing;
    }

    private DefaultRepositorySystemSession session(
            RepositorySystem system, Distribution distribution, Distributions.Progress progress) {
        DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
        session.setLocalRepositoryManager(system.newLocalRepositoryManager(
                session, new LocalRepository(settings().localRepository().toFile())));
        session.setOffline(settings().offline());
        // Profiles of POMs depend on the Java version and the operating system.
        session.setSystemProperties(System.getProperties());
        // Fail if a POM cannot be read: its dependencies would be missing from the class path.
        session.setArtifactDescriptorPolicy(new SimpleArtifactDescriptorPolicy(false, false));
        session.setConfigProperty("aether.connector.basic.threads", 8);
        session.setTransferListener(new ProgressListener(distribution.name(), progress));
        session.setMirrorSelector(settings().mirrors());
        session.setProxySelector(settings().proxies());
        session.setAuthenticationSelector(settings().authentication());
        return session;
    }

    /** The repositories of the settings, and Central under the id that Maven gives it, so that mirrors of it apply. */
    private ImmutableList<RemoteRepository> repositories() {
        ImmutableList.Builder<RemoteRepository> all = ImmutableList.builder();
        all.addAll(settings().repositories());
        for (org.apache.maven.model.Repository repository : repositoriesOfSuperPom()) {
            all.add(new RemoteRepository.Builder(repository.getId(), "default", repository.getUrl()).build());
        }
        return all.build();
    }

    /** Every POM inherits the address of Central from Maven's super POM. */
    private static List<org.apache.maven.model.Repository> repositoriesOfSuperPom() {
        Model pom = new Model();
        pom.setModelVersion("4.0.0");
        pom.setGroupId("dev.emrys");
        pom.setArtifactId("distribution");
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

    /** The message of the failed transfer, which names the file and the repository; else the innermost cause. */
    private static String transferFailure(Throwable failure) {
        Throwable at = failure;
        while (at.getCause() != null && at.getCause() != at) {
            if (at instanceof ArtifactTransferException) {
                return String.valueOf(at.getMessage());
            }
            at = at.getCause();
            if (at instanceof ArtifactTransferException && at.getMessage() != null) {
                return at.getMessage();
            }
        }
        return at.getClass().getSimpleName() + ": " + at.getMessage();
    }

    /** Counts the downloaded files and bytes. */
    private static final class ProgressListener extends AbstractTransferListener {
        private final String what;
        private final Distributions.Progress progress;
        private final AtomicInteger files = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();

        ProgressListener(String what, Distributions.Progress progress) {
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
