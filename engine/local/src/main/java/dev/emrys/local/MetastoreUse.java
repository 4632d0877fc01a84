package dev.emrys.local;

/** Whether a step opens the cluster's Hive metastore, which only one process at a time can do on this machine. */
final class MetastoreUse implements LocalStep.Visitor<Boolean> {
    private static final MetastoreUse VISITOR = new MetastoreUse();

    private MetastoreUse() {}

    static boolean of(LocalStep step) {
        return step.accept(VISITOR);
    }

    /** A program that enables Hive support itself is not recognised. */
    @Override
    public Boolean sparkSubmit(LocalStep.SparkSubmit step) {
        return false;
    }

    @Override
    public Boolean sparkSql(LocalStep.SparkSql step) {
        return true;
    }

    @Override
    public Boolean hadoopJar(LocalStep.HadoopJar step) {
        return false;
    }

    @Override
    public Boolean fileSystemShell(LocalStep.FileSystemShell step) {
        return false;
    }

    @Override
    public Boolean hadoopClass(LocalStep.HadoopClass step) {
        return false;
    }

    @Override
    public Boolean streaming(LocalStep.Streaming step) {
        return false;
    }

    @Override
    public Boolean hive(LocalStep.Hive step) {
        return true;
    }

    @Override
    public Boolean pig(LocalStep.Pig step) {
        return false;
    }

    @Override
    public Boolean distCp(LocalStep.DistCp step) {
        return false;
    }

    @Override
    public Boolean script(LocalStep.Script step) {
        return false;
    }

    @Override
    public Boolean shell(LocalStep.Shell step) {
        return step.command().stream().anyMatch(word -> word.contains("spark-sql")) || LocalSupport.callsHive(step);
    }

    @Override
    public Boolean noOperation(LocalStep.NoOperation step) {
        return false;
    }

    @Override
    public Boolean unsupported(LocalStep.Unsupported step) {
        return false;
    }
}
