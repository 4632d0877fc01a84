package dev.emrys.spec;

import java.util.regex.Pattern;

/** The settings of AWS whose form is known, wherever they are written. */
public enum AwsValue {
    /** A profile of AWS's shared configuration files. */
    PROFILE("\\S(.*\\S)?", "the name of a profile"),
    /**
     * A region.
     *
     * @see <a href="https://docs.aws.amazon.com/general/latest/gr/rande.html">AWS service endpoints</a>
     */
    REGION("[a-z]{2,}(-[a-z]+)+-[0-9]+", "a region such as eu-central-1"),
    /**
     * The ARN of a role.
     *
     * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html">IAM identifiers</a>
     */
    ROLE("arn:[a-z-]+:iam::[0-9]{12}:role/\\S+", "the ARN of a role: arn:aws:iam::123456789012:role/etl"),
    /** A folder on S3 to which files are copied; its name is part of arguments of steps. */
    STAGING(
            "s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=+@/-]*)?",
            "s3(\"s3://bucket/prefix/\"), of letters, digits and ._=+@-/");

    private final Pattern form;
    private final String wanted;

    AwsValue(String form, String wanted) {
        this.form = Pattern.compile(form);
        this.wanted = wanted;
    }

    /** Whether the value has the form; whether AWS knows it is another question. */
    public boolean fits(String value) {
        return form.matcher(value).matches();
    }

    /** What is to be written, for people. */
    public String wanted() {
        return wanted;
    }
}
