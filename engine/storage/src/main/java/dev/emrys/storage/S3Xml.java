package dev.emrys.storage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** Writes a document of S3, element by element. Not thread-safe. */
final class S3Xml {
    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
    private static final XMLOutputFactory OUTPUT = XMLOutputFactory.newDefaultFactory();
    private static final XMLInputFactory INPUT = input();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final XMLStreamWriter writer;

    private S3Xml() throws XMLStreamException {
        writer = OUTPUT.createXMLStreamWriter(bytes, "UTF-8");
    }

    /** Writes the elements of a document. */
    interface Body {
        void write(S3Xml xml) throws XMLStreamException;
    }

    /** Reads the next thing of a document. */
    interface Reader {
        /** @param text that of the element which ends, without those in it */
        void element(String name, String text) throws S3Exception;
    }

    private static XMLInputFactory input() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    /** A document with S3's namespace. */
    static byte[] document(String root, Body body) {
        return document(root, NAMESPACE, body);
    }

    /** A document of one element with a text. */
    static byte[] value(String root, String text) {
        return document(root, xml -> xml.writer.writeCharacters(text));
    }

    static byte[] error(String code, String message, String resource, String requestId) {
        return document(
                "Error",
                null,
                xml -> xml.text("Code", code)
                        .text("Message", message)
                        .text("Resource", resource)
                        .text("RequestId", requestId));
    }

    private static byte[] document(String root, @Nullable String namespace, Body body) {
        try {
            S3Xml xml = new S3Xml();
            xml.writer.writeStartDocument("UTF-8", "1.0");
            xml.writer.writeStartElement(root);
            if (namespace != null) {
                xml.writer.writeDefaultNamespace(namespace);
            }
            body.write(xml);
            xml.writer.writeEndElement();
            xml.writer.writeEndDocument();
            xml.writer.close();
            return xml.bytes.toByteArray();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("A document is written to memory", e);
        }
    }

    S3Xml text(String element, String text) throws XMLStreamException {
        writer.writeStartElement(element);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' || c == '\n' || c == '\t') {
                continue;
            }
            // As S3 writes what XML 1.0 has no form for; a carriage return would be read as a line feed.
            writer.writeCharacters(text.substring(0, i));
            writer.writeEntityRef("#" + (int) c);
            text = text.substring(i + 1);
            i = -1;
        }
        writer.writeCharacters(text);
        writer.writeEndElement();
        return this;
    }

    S3Xml text(String element, boolean value) throws XMLStreamException {
        return text(element, Boolean.toString(value));
    }

    S3Xml text(String element, long value) throws XMLStreamException {
        return text(element, Long.toString(value));
    }

    S3Xml time(String element, Instant time) throws XMLStreamException {
        return text(element, TIME.format(time));
    }

    S3Xml element(String name, Body body) throws XMLStreamException {
        writer.writeStartElement(name);
        body.write(this);
        writer.writeEndElement();
        return this;
    }

    /** @throws S3Exception when it is no well-formed document */
    static void read(byte[] document, Reader reader) throws S3Exception {
        try {
            XMLStreamReader xml =
                    INPUT.createXMLStreamReader(new ByteArrayInputStream(document), StandardCharsets.UTF_8.name());
            StringBuilder text = new StringBuilder();
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamReader.START_ELEMENT -> text.setLength(0);
                    case XMLStreamReader.CHARACTERS, XMLStreamReader.CDATA -> text.append(xml.getText());
                    case XMLStreamReader.END_ELEMENT -> {
                        reader.element(xml.getLocalName(), text.toString());
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            throw S3Exception.malformedXml();
        }
    }
}
